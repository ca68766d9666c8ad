using Exchange.EventStore.Reading;
using Exchange.Server.Hosting;

namespace Exchange.Server.Feed;

/// <summary>Bounds of change feeds.</summary>
public sealed record FeedOptions
{
    /// <summary>A feed with nothing new says so this often. Default 10 s, as the contract promises.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A reader that takes nothing for so long loses its stream. Default 5 minutes, as the contract promises.</summary>
    public TimeSpan SlowReaderLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Size at which a batch is sent; one change alone may be larger. Default 256 KiB: a reader parses one while the next is on its way, which a larger
    /// one would not be, for the windows of HTTP/2.
    /// </summary>
    public int MaxBatchBytes { get; init; } = 1 << 18;

    /// <summary>
    /// Largest change: of one that is larger the longest values are left out and named. Default 4 MiB, the largest message, less what else stands in it;
    /// more than the longest value of a field.
    /// </summary>
    public int MaxChangeBytes { get; init; } = HubEndpoints.LargestMessageBytes - 8_192;

    /// <summary>
    /// Events read at once, over all partitions. Default 2 000. A reader that takes nothing holds no more than what was read at once, and while it catches
    /// up as much again, read ahead.
    /// </summary>
    public int MaxEvents { get; init; } = 2_000;

    /// <summary>Payload bytes read at once, at least one event. Default 1 MiB.</summary>
    public int MaxReadBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Bytes of records kept while a page is looked at that cannot be told from its events alone; one record alone may be larger. Their histories, however
    /// long, are folded event by event. Default 4 MiB.
    /// </summary>
    public int MaxHistoryBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Bytes of the log's last events, and of what readers see of them, kept for all feeds that wait at the tail; the last page's events stay whatever
    /// their size. A feed that falls behind them reads by itself. Default 16 MiB.
    /// </summary>
    public long MaxWindowBytes { get; init; } = 16 << 20;

    /// <summary>How the log is read.</summary>
    internal SubscriptionOptions Reading => new() { MaxEvents = MaxEvents, MaxBytes = MaxReadBytes, IdleInterval = IdleInterval, IsBrief = true };
}
