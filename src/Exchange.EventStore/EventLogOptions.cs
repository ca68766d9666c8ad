namespace Exchange.EventStore;

/// <summary>How this node writes to and reads from the log.</summary>
public sealed record EventLogOptions
{
    /// <summary>Npgsql connection string of the store. Writer settings (no cancellation of a commit, durable commits, timeouts) are added by the log.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// File with the hub key that wraps the data keys, outside the database. Made (readable by its owner only) when absent and the store has no
    /// sealed value yet.
    /// </summary>
    public required string KeyFile { get; init; }

    /// <summary>
    /// Appenders of records on this node; governance and audit have one each beside them. 0, the default, means half the cores but at least 2: while the
    /// database writes for one, the other decides.
    /// </summary>
    public int Appenders { get => field is 0 ? Math.Max(2, Environment.ProcessorCount / 2) : field; init; }

    /// <summary>Events that may wait in one appender's queue before appends are refused. Default 50 000.</summary>
    public int MaxQueuedEvents { get; init; } = 50_000;

    /// <summary>Bytes that may wait in the queue of one appender of records before appends are refused; in the other two half of it each. Default 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64L << 20;

    /// <summary>Events one transaction takes from the queue, if it has more than one submission. Default 3 000.</summary>
    public int MaxTransactionEvents { get; init; } = 3_000;

    /// <summary>Bytes one transaction takes from the queue, if it has more than one submission. Default 16 MiB.</summary>
    public long MaxTransactionBytes { get; init; } = 16L << 20;

    /// <summary>True on Citus: a transaction never spans partitions.</summary>
    public bool OnePartitionPerTransaction { get; init; }

    /// <summary>How long a statement of an append waits for a lock. Default 5 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a statement of an append may run. Default 20 s.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the database lets this node keep its locks without a word. Default 5 s.</summary>
    public TimeSpan IdleInTransactionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an append is retried while the database is away, before it is refused as unavailable. Default 15 s.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often heads are asked for when nothing signals. Default 250 ms.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Tells the free space of the database's volume; null when the database is elsewhere.</summary>
    public IDiskSpace? DiskSpace { get; init; }

    /// <summary>Appends are refused below this much free space and taken again above it. Default 512 MiB.</summary>
    public long MinimumFreeBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Appends to audit partitions alone are refused only below this much free space, so that reads, which are audited, go on while other appends are
    /// refused already. Default 128 MiB; never more than <see cref="MinimumFreeBytes"/>.
    /// </summary>
    public long MinimumFreeAuditBytes { get => Math.Min(field, MinimumFreeBytes); init; } = 128L << 20;

    /// <summary>Data keys kept in memory. Default 100 000.</summary>
    public int CachedDataKeys { get; init; } = 100_000;

    /// <summary>
    /// Leaves `synchronous_commit` as the database has it instead of switching it on for every append. Where it is off, a crash loses what was
    /// acknowledged: for trials, and the control of the crash tests.
    /// </summary>
    public bool IsUnsafe { get; init; }
}
