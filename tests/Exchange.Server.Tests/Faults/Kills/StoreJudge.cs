using Exchange.EventStore;
using Exchange.EventStore.Chain;
using Exchange.Protos.Stored.V1;
using Exchange.Protos.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>
/// Compares what writers were told with what the database holds, after the hub is gone. Reads rows as they are; of the hub's own code it uses only
/// the opening of sealed values.
/// </summary>
internal sealed class StoreJudge(string connectionString, string hubKeyFile)
{
    private const string SelectWrites = """
        SELECT partition, stream_id, version, payload FROM log.event WHERE type = 'fields-pushed'
        """;

    private const string SelectBrokenHeads = """
        SELECT count(*) FROM log.log_partition AS h
        LEFT JOIN (SELECT partition, count(*) AS events, max(position) AS last FROM log.event GROUP BY partition) AS e ON e.partition = h.partition
        WHERE h.head <> coalesce(e.events, 0) OR h.head <> coalesce(e.last, 0)
        """;

    private const string SelectBrokenStreams = """
        SELECT count(*) FROM (SELECT 1 FROM log.event GROUP BY stream_id HAVING count(*) <> max(version) OR min(version) <> 1) AS broken
        """;

    private const string SelectRows = "SELECT source_id, record_id, version, title FROM subject.incident";

    /// <summary>Judges all operations of these writers.</summary>
    public async Task<Verdict> JudgeAsync(IEnumerable<FaultWriter> writers)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var operations = writers.SelectMany(writer => writer.Operations).ToList();
        var writes = await ReadWritesAsync(source);
        var verdict = new Verdict { Stored = writes.Count };
        JudgeOperations(operations, writes.ToLookup(write => write.Token), verdict);
        await JudgeNotesAsync(writes, verdict);
        await JudgeRowsAsync(source, operations, verdict);
        await JudgeLogAsync(source, verdict);
        return verdict;
    }

    /// <summary>Titles that the log holds.</summary>
    public async Task<HashSet<string>> TokensAsync()
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        return [.. (await ReadWritesAsync(source)).Select(write => write.Token)];
    }

    private static void JudgeOperations(List<PushedOperation> operations, ILookup<string, Write> stored, Verdict verdict)
    {
        var known = new HashSet<string>();
        foreach (var operation in operations)
        {
            known.Add(operation.Token);
            var found = stored[operation.Token].ToList();
            if (found.Count > 1)
            {
                verdict.Twice.Add(operation.Token);
            }

            if (operation.Receipts is not 1)
            {
                verdict.Untold.Add($"{operation.Token}: {operation.Receipts} receipts");
            }

            switch (operation.Result)
            {
                case null:
                    break;
                case { Outcome: RecordOutcome.Accepted } accepted:
                    verdict.Accepted++;
                    if (!found.Exists(write => write.StreamId.ToString() == accepted.RecordId && write.Version == accepted.Version))
                    {
                        verdict.Lost.Add(operation.Token);
                    }

                    break;
                case { Outcome: RecordOutcome.Unchanged, Errors: [{ Reason: "STALE_SOURCE_VERSION" }] }:
                    verdict.Stale++;
                    if (found.Count > 0)
                    {
                        verdict.Wrong.Add($"{operation.Token} is stored although its writer was told that it changes nothing");
                    }

                    break;
                case { } other:
                    verdict.Wrong.Add($"{operation.Token}: {other.Outcome} {string.Join(',', other.Errors.Select(error => error.Reason))}");
                    break;
            }
        }

        verdict.Others = stored.Where(token => !known.Contains(token.Key)).Sum(token => token.Count());
    }

    private static async Task<List<Write>> ReadWritesAsync(NpgsqlDataSource source)
    {
        var writes = new List<Write>();
        await using var command = source.CreateCommand(SelectWrites);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var pushed = FieldsPushed.Parser.ParseFrom(reader.GetFieldValue<byte[]>(3));
            var title = pushed.Changes.Single(change => change.Number is FaultCity.Title).Value.Text;
            writes.Add(new Write(reader.GetInt32(0), reader.GetGuid(1), reader.GetInt64(2), title, pushed.Sealed));
        }

        return writes;
    }

    // A value that was acknowledged and cannot be opened any more is lost as well.
    private async Task JudgeNotesAsync(List<Write> writes, Verdict verdict)
    {
        await using var log = await EventLog.OpenAsync(
            new EventLogOptions { ConnectionString = connectionString, KeyFile = hubKeyFile }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        foreach (var some in writes.Chunk(2_000))
        {
            var keys = await log.Keys.LoadAsync([.. some.Select(write => (write.Partition, write.StreamId)).Distinct()], CancellationToken.None);
            foreach (var write in some)
            {
                var opened = keys.Open(write.Partition, write.StreamId, write.Sealed.Span);
                var note = opened is null ? null : SealedChanges.Parser.ParseFrom(opened).Changes.Single(change => change.Number is FaultCity.Note).Value.Text;
                if (note != "note of " + write.Token)
                {
                    verdict.Lost.Add($"note of {write.Token}");
                }
            }
        }
    }

    private static async Task JudgeRowsAsync(NpgsqlDataSource source, List<PushedOperation> operations, Verdict verdict)
    {
        var newest = operations
            .Where(operation => operation.Result is { Outcome: RecordOutcome.Accepted })
            .GroupBy(operation => operation.SourceId)
            .ToDictionary(record => record.Key, record => record.MaxBy(operation => operation.SourceVersion)!);
        await using var command = source.CreateCommand(SelectRows);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = 0;
        while (await reader.ReadAsync())
        {
            if (!newest.TryGetValue(reader.GetString(0), out var operation))
            {
                continue;
            }

            rows++;
            if (operation.Token != reader.GetString(3) || operation.Result!.RecordId != reader.GetGuid(1).ToString() || operation.Result.Version != reader.GetInt64(2))
            {
                verdict.Wrong.Add($"the row of {operation.SourceId} is not what {operation.Token} made");
            }
        }

        if (rows != newest.Count)
        {
            verdict.Wrong.Add($"{newest.Count - rows} rows are missing");
        }
    }

    private async Task JudgeLogAsync(NpgsqlDataSource source, Verdict verdict)
    {
        foreach (var (query, what) in new[] { (SelectBrokenHeads, "partitions have gaps or another head"), (SelectBrokenStreams, "streams have gaps") })
        {
            await using var command = source.CreateCommand(query);
            if (await command.ExecuteScalarAsync() is long and not 0 and var count)
            {
                verdict.Wrong.Add($"{count} {what}");
            }
        }

        await using var verifier = new ChainVerifier(connectionString);
        await using var select = source.CreateCommand("SELECT partition FROM log.log_partition");
        await using var partitions = await select.ExecuteReaderAsync();
        while (await partitions.ReadAsync())
        {
            var report = await verifier.VerifyAsync(partitions.GetInt32(0), new Dictionary<long, ReadOnlyMemory<byte>>(), CancellationToken.None);
            verdict.Verified += report.Through;
            if (report.Fault is { } fault)
            {
                verdict.Wrong.Add($"the chain of partition {report.Partition} is broken: {fault}");
            }
        }
    }

    private sealed record Write(int Partition, Guid StreamId, long Version, string Token, ByteString Sealed);
}
