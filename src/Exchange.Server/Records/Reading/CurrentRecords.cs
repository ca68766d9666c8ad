using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.Server.Hosting;
using Exchange.Server.Records.Subjects;
using Npgsql;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// Reads records as they stand now, from their rows. What callers wait for gathers, table by table, while a query is under way and is asked for in one: a
/// table that is locked or slow keeps nobody waiting for another. No caller breaks a query off when it leaves, so that statements can stay prepared.
/// </summary>
internal sealed class CurrentRecords : IAsyncDisposable
{
    private const int MostAtOnce = 200;
    private const int MostStatements = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<ResourceId, Lanes> lanes = [];
    private readonly ConcurrentDictionary<Key, CurrentStatement> statements = new();
    private readonly NpgsqlDataSource source;
    private readonly PartitionMap partitions;
    private readonly bool onePartitionPerQuery;
    private bool isStopping;

    /// <summary>Reads from this database.</summary>
    public CurrentRecords(HubDatabase database, EventLog log, HubOptions options) =>
        (source, partitions, onePartitionPerQuery) = (database.Lookups, log.Partitions, options.OnePartitionPerTransaction);

    /// <summary>
    /// The record of an allowed read, with the values it needs; version 0 when there is none. Null when its data key was destroyed: then only its events
    /// tell which of its values are left.
    /// </summary>
    public async Task<RecordFold?> FindAsync(RecordRead read, CancellationToken cancellationToken)
    {
        var id = read.Name.Record.Value;
        var wanted = new WantedRecord(StatementOf(read.View), partitions.ForRecord(id), id, cancellationToken);
        if (LanesOf(read.View.Resource.Id)?.Waiting.TryWrite(wanted) is not true)
        {
            throw new OperationCanceledException("this node is stopping");
        }

        return await wanted.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Answers what is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        Lanes[] all;
        lock (gate)
        {
            isStopping = true;
            all = [.. lanes.Values];
        }

        foreach (var some in all)
        {
            await some.DisposeAsync();
        }
    }

    // Null when the node is stopping.
    private Lanes? LanesOf(ResourceId resource)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(resource, out var known) && !isStopping)
            {
                lanes.Add(resource, known = new Lanes(this));
            }

            return known;
        }
    }

    private CurrentStatement StatementOf(RecordView view)
    {
        var key = new Key(SubjectTable.Of(view.Resource), view.Needed);
        if (statements.TryGetValue(key, out var known))
        {
            return known;
        }

        if (statements.Count >= MostStatements)
        {
            // Rare and cheap: each is made once more.
            statements.Clear();
        }

        return statements.GetOrAdd(key, static key => new CurrentStatement(key.Table, key.Fields));
    }

    private async Task RunAsync(ChannelReader<WantedRecord> waiting)
    {
        var taken = new List<WantedRecord>();
        while (await waiting.WaitToReadAsync())
        {
            taken.Clear();
            while (taken.Count < MostAtOnce && waiting.TryRead(out var wanted))
            {
                if (!wanted.Left.IsCancellationRequested)
                {
                    taken.Add(wanted);
                }
            }

            foreach (var group in taken.GroupBy(wanted => (wanted.Statement, onePartitionPerQuery ? wanted.Partition : 0)))
            {
                await ReadAsync(group.Key.Statement, [.. group]);
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "whoever waits is told what broke; the lane goes on")]
    private async Task ReadAsync(CurrentStatement statement, WantedRecord[] wanted)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
            await using var command = statement.ToCommand(connection, wanted);
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            while (await reader.ReadAsync(CancellationToken.None))
            {
                Answer(statement, reader, wanted[CurrentStatement.PlaceOf(reader)]);
            }
        }
        catch (Exception e)
        {
            // The pool would hand it out again: what it has prepared may not be what it thinks. What its own time limits end is as it was.
            if (e is not PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled })
            {
                source.Clear();
            }

            Array.ForEach(wanted, record => record.Fail(e));
        }

        foreach (var record in wanted)
        {
            if (!record.Answer.IsCompleted)
            {
                record.Complete(new RecordFold(statement.Resource));
            }
        }
    }

    // A row that holds what cannot be read is the fault of one caller's record, not of those it was asked for with.
    [SuppressMessage("Design", "CA1031", Justification = "whoever waits is told what broke; the others are answered")]
    private static void Answer(CurrentStatement statement, NpgsqlDataReader reader, WantedRecord record)
    {
        try
        {
            record.Complete(statement.Read(reader, record));
        }
        catch (Exception e) when (e is not NpgsqlException)
        {
            record.Fail(e);
        }
    }

    /// <summary>What reads one table.</summary>
    private sealed class Lanes : IAsyncDisposable
    {
        private readonly Channel<WantedRecord> waiting = Channel.CreateUnbounded<WantedRecord>();
        private readonly Task running;

        public Lanes(CurrentRecords records) => running = Task.WhenAll(Enumerable.Range(0, HubDatabase.LookupsPerTable).Select(_ => Task.Run(() => records.RunAsync(waiting))));

        public ChannelWriter<WantedRecord> Waiting => waiting;

        public async ValueTask DisposeAsync()
        {
            waiting.Writer.TryComplete();
            await running;
        }
    }

    private readonly record struct Key(SubjectTable Table, ImmutableArray<int> Fields)
    {
        public bool Equals(Key other) => ReferenceEquals(Table, other.Table) && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(Table);
            foreach (var index in Fields)
            {
                hash.Add(index);
            }

            return hash.ToHashCode();
        }
    }
}
