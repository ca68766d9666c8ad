using Exchange.EventStore.Appending;
using Exchange.EventStore.Committing;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Sealing;
using Microsoft.Extensions.Logging;

namespace Exchange.EventStore;

/// <summary>This node's way into the log: appends, reads, subscriptions. One per process and database; several nodes may use one database.</summary>
public sealed class EventLog : IAsyncDisposable
{
    private readonly StoreConnections connections;
    private readonly StoreDescription store;
    private readonly List<Appender> appenders = [];
    private readonly StoreUpkeep upkeep;
    private readonly AppendRouter router;
    private bool isDisposed;

    private EventLog(
        EventLogOptions options,
        StoreConnections connections,
        StoreDescription store,
        HubKey hubKey,
        IdempotencyRanges ranges,
        TimeProvider time,
        ILogger logger)
    {
        this.connections = connections;
        this.store = store;
        OnePartitionPerTransaction = options.OnePartitionPerTransaction;
        var cache = new DataKeyCache(options.CachedDataKeys);
        Keys = new DataKeys(connections.Reader, connections.Writer, hubKey, cache, time);
        Reader = new EventReader(connections.Reader);
        Heads = new HeadMonitor(connections.Plain, cache, options.PollInterval, logger);
        var other = options with { MaxQueuedBytes = options.MaxQueuedBytes / AppendRouter.OtherAppenders };
        for (var i = 0; i < options.Appenders + AppendRouter.OtherAppenders; i++)
        {
            var session = new WriterSession(connections.Writer);
            var its = i < options.Appenders ? options : other;
            appenders.Add(new Appender(new Committer(session, Keys, ranges, Heads, its, time, logger), session, its));
        }

        router = new AppendRouter(appenders, store.Partitions, new DiskGuard(options, logger), options);
        upkeep = new StoreUpkeep(ranges, time, logger);
    }

    /// <summary>Never changes for the life of a store.</summary>
    public Guid StoreId => store.StoreId;

    /// <summary>Changes when the store is restored from a backup; a checkpoint of another generation must be refused.</summary>
    public Guid Generation => store.Generation;

    /// <summary>Which partitions there are.</summary>
    public PartitionMap Partitions => store.Partitions;

    /// <summary>Heads as this node knows them, and how old that knowledge is.</summary>
    public HeadMonitor Heads { get; }

    /// <summary>Data keys of sealed values.</summary>
    public DataKeys Keys { get; }

    /// <summary>Reads streams and partitions.</summary>
    public EventReader Reader { get; }

    internal StoreConnections Connections => connections;

    internal bool OnePartitionPerTransaction { get; }

    /// <summary>
    /// Opens a migrated store and starts its appenders. The time provider only stamps events; waiting and timeouts use the machine's own clock.
    /// Throws when the database cannot be reached, or <see cref="HubKeyException"/> when the key file is not this store's.
    /// </summary>
    public static async Task<EventLog> OpenAsync(EventLogOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger<EventLog>();
        var connections = new StoreConnections(options);
        EventLog? log = null;
        try
        {
            var store = await StoreDescription.ReadAsync(connections.Plain, cancellationToken);
            var hubKey = await HubKey.LoadAsync(options.KeyFile, mayCreate: !store.HasHubKey, cancellationToken);
            await StoreDescription.BindAsync(connections.Plain, hubKey, options.KeyFile, cancellationToken);
            var ranges = new IdempotencyRanges(connections.Plain, logger);
            await ranges.EnsureAsync(time.GetUtcNow(), cancellationToken);
            log = new EventLog(options, connections, store, hubKey, ranges, time, logger);
            await log.Heads.StartAsync(cancellationToken);
            return log;
        }
        catch
        {
            await (log?.DisposeAsync() ?? connections.DisposeAsync());
            throw;
        }
    }

    /// <summary>
    /// Stores a submission's events. Cancelled while it waits in the queue: never stored. Cancelled later: the commit goes on, and a repeat
    /// with the same key tells. Throws what a handler's decision threw, or <see cref="AppendInDoubtException"/>.
    /// </summary>
    public Task<AppendResult> AppendAsync(
        AppendSubmission submission, CancellationToken cancellationToken) => router.AppendAsync(submission, cancellationToken);

    /// <summary>
    /// Follows partitions from the given positions (0: from the beginning), catching up first, then live, without end. No snapshot stays open
    /// between batches. Throws <see cref="ArgumentOutOfRangeException"/> when a position does not exist, <see cref="LogCorruptException"/> at a gap.
    /// </summary>
    public IAsyncEnumerable<SubscriptionBatch> SubscribeAsync(
        IReadOnlyDictionary<int, long> after, SubscriptionOptions options, CancellationToken cancellationToken) =>
        new Subscription(Reader, Heads, options).ReadAsync(after, cancellationToken);

    /// <summary>Stops taking appends, commits what is queued, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
        {
            return;
        }

        await Task.WhenAll(appenders.Select(appender => appender.DisposeAsync().AsTask()));
        await upkeep.DisposeAsync();
        await Heads.DisposeAsync();
        await connections.DisposeAsync();
    }
}
