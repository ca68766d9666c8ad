using Npgsql;

namespace Exchange.EventStore.Appending;

/// <summary>Queries that run in the first round trip of an append transaction, after the partitions are locked.</summary>
public sealed class ReadBatch
{
    private static readonly string[] Allowed = ["SELECT", "WITH"];

    private readonly NpgsqlBatch batch;
    private readonly List<Func<NpgsqlDataReader, CancellationToken, ValueTask>> readers;

    private readonly bool mayPresume;

    internal ReadBatch(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, ValueTask>> readers, bool mayPresume)
    {
        this.batch = batch;
        this.readers = readers;
        this.mayPresume = mayPresume;
    }

    /// <summary>True once a handler was told that it may presume.</summary>
    internal bool HasPresumed { get; private set; }

    /// <summary>
    /// True when a handler may leave out the reads of what it presumes not to be there and whose being there would break a unique key, by an event of
    /// the stream's version 1 for one. When one is broken, the transaction starts anew, and nothing may be presumed in it.
    /// </summary>
    public bool Presume() => HasPresumed = mayPresume;

    /// <summary>
    /// Adds one query, SELECT or WITH, with a result set. `read` gets the reader standing before the first row, reads as many rows as it likes and leaves the
    /// rest of the movement to the store. Parameters are positional ($1…); every query on a big table names its partition.
    /// </summary>
    public NpgsqlBatchCommand Add(string query, Func<NpgsqlDataReader, CancellationToken, ValueTask> read)
    {
        if (!Allowed.Any(verb => query.AsSpan().TrimStart().StartsWith(verb, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException("a read begins with SELECT or WITH", nameof(query));
        }

        var command = new NpgsqlBatchCommand(query);
        batch.BatchCommands.Add(command);
        readers.Add(read);
        return command;
    }
}
