using System.Diagnostics;
using System.Threading.Channels;
using Exchange.Bench.Hubs;
using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>
/// Point reads with plain Npgsql: each of so many readers, with a connection of its own, waits until its audit row is durable, selects the columns by
/// key with a prepared statement, takes every value, and waits until its second audit row is durable. One writer commits the audit rows of all that wait
/// at once, with `unnest`, into a table like the log's. The rows are those the hub wrote.
/// </summary>
/// <param name="source">The hub's database.</param>
/// <param name="table">Qualified name of the subject table.</param>
/// <param name="readers">Readers at once.</param>
internal sealed class PointLimit(NpgsqlDataSource source, string table, int readers) : IAsyncDisposable
{
    private const string Audit = "limit_point.event";

    private const string SelectAudit = $"SELECT {EventRow.Columns} FROM log.event WHERE recorded_at >= $1 AND type IN ('read-intended', 'read-completed') ORDER BY stream_id, version";

    /// <summary>Makes the audit table, holding the rows that the log holds.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("CREATE SCHEMA limit_point", cancellationToken);
        await connection.CreateFilledAsync(Audit, "log.event", cancellationToken);
    }

    /// <summary>Seconds to read these records, each with the two audit rows that the hub has written for it since then.</summary>
    public async Task<double> RunAsync(DateTimeOffset since, IReadOnlyList<(int Partition, Guid Record)> keys, CancellationToken cancellationToken)
    {
        var audits = await TakeAsync(since, cancellationToken);
        if (audits.Count != 2 * keys.Count)
        {
            throw new InvalidOperationException($"the hub wrote {audits.Count} audit events for {keys.Count} reads");
        }

        var queue = Channel.CreateUnbounded<(EventRow Row, TaskCompletionSource Done)>(new UnboundedChannelOptions { SingleReader = true });
        var writing = WriteAsync(queue.Reader, cancellationToken);
        var open = new List<NpgsqlCommand>();
        for (var i = 0; i < readers; i++)
        {
            open.Add(await PrepareSelectAsync(cancellationToken));
        }

        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(select => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var index && index < keys.Count)
                {
                    await StoreAsync(queue.Writer, audits[2 * index]);
                    await ReadAsync(select, keys[index], cancellationToken);
                    await StoreAsync(queue.Writer, audits[(2 * index) + 1]);
                }
            },
            cancellationToken)));
        watch.Stop();
        queue.Writer.Complete();
        await writing;
        foreach (var select in open)
        {
            await select.Connection!.DisposeAsync();
            await select.DisposeAsync();
        }

        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Drops the table.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        await connection.ExecuteAsync("DROP SCHEMA IF EXISTS limit_point CASCADE", CancellationToken.None);
    }

    private static async Task StoreAsync(ChannelWriter<(EventRow Row, TaskCompletionSource Done)> queue, EventRow row)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.TryWrite((row, done));
        await done.Task;
    }

    private static async Task ReadAsync(NpgsqlCommand select, (int Partition, Guid Record) key, CancellationToken cancellationToken)
    {
        ((NpgsqlParameter<int>)select.Parameters[0]).TypedValue = key.Partition;
        ((NpgsqlParameter<Guid>)select.Parameters[1]).TypedValue = key.Record;
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var values = new object[reader.FieldCount];
        if (!await reader.ReadAsync(cancellationToken) || reader.GetValues(values) != values.Length)
        {
            throw new InvalidOperationException("a record is missing");
        }
    }

    private async Task<NpgsqlCommand> PrepareSelectAsync(CancellationToken cancellationToken)
    {
        var select = new NpgsqlCommand(
            $"SELECT version, create_time, update_time, {BenchResource.Columns} FROM {table} WHERE partition = $1 AND record_id = $2", await source.OpenConnectionAsync(cancellationToken))
        {
            Parameters = { new NpgsqlParameter<int>(), new NpgsqlParameter<Guid>() },
        };
        await select.PrepareAsync(cancellationToken);
        return select;
    }

    private async Task<List<EventRow>> TakeAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var select = source.CreateCommand(SelectAudit);
        select.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = since.UtcDateTime });
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var rows = new List<EventRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(EventRow.Read(reader));
        }

        return rows;
    }

    private async Task WriteAsync(ChannelReader<(EventRow Row, TaskCompletionSource Done)> queue, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand(EventRow.Insert(Audit), connection);
        while (await queue.WaitToReadAsync(cancellationToken))
        {
            var (rows, waiting) = (new List<EventRow>(), new List<TaskCompletionSource>());
            while (queue.TryRead(out var next))
            {
                rows.Add(next.Row);
                waiting.Add(next.Done);
            }

            insert.Parameters.Clear();
            EventRow.AddTo(insert.Parameters, rows);
            if (!insert.IsPrepared)
            {
                await insert.PrepareAsync(cancellationToken);
            }

            await insert.ExecuteNonQueryAsync(cancellationToken);
            waiting.ForEach(done => done.TrySetResult());
        }
    }
}
