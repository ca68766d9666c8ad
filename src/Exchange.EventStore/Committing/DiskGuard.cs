using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Exchange.EventStore.Committing;

/// <summary>Refuses appends before the database's volume is full: PostgreSQL stops altogether when its log cannot grow. Asks at most twice a second.</summary>
internal sealed partial class DiskGuard(IDiskSpace? space, long minimumFreeBytes, ILogger logger)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    private readonly Lock gate = new();
    private long? askedAt;
    private bool isNearlyFull;

    public bool IsNearlyFull
    {
        get
        {
            if (space is null)
            {
                return false;
            }

            lock (gate)
            {
                if (askedAt is { } at && Stopwatch.GetElapsedTime(at) < Freshness)
                {
                    return isNearlyFull;
                }

                askedAt = Stopwatch.GetTimestamp();
                var free = space.FreeBytes();
                var now = free < minimumFreeBytes;
                if (now != isNearlyFull)
                {
                    Log.Changed(logger, now ? "refuses" : "takes", free ?? -1, minimumFreeBytes);
                }

                isNearlyFull = now;
                return now;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{What} appends: the database's volume has {FreeBytes} bytes free, at least {MinimumFreeBytes} are needed")]
        public static partial void Changed(ILogger logger, string what, long freeBytes, long minimumFreeBytes);
    }
}
