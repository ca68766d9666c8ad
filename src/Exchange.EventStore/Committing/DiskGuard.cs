using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Exchange.EventStore.Committing;

/// <summary>
/// Refuses appends before the database's volume is full: PostgreSQL stops altogether when its log cannot grow. Audit alone may use a part of what is
/// kept free, because without it nobody may read. Asks at most twice a second.
/// </summary>
internal sealed partial class DiskGuard(EventLogOptions options, ILogger logger)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    private readonly Lock gate = new();
    private long? askedAt;
    private Level level;

    private enum Level
    {
        Enough,
        AuditOnly,
        Nothing,
    }

    /// <summary>True when there is too little space for an append, or for one to audit partitions alone.</summary>
    public bool Refuses(bool isAudit) => Current() > (isAudit ? Level.AuditOnly : Level.Enough);

    private Level Current()
    {
        if (options.DiskSpace is not { } space)
        {
            return Level.Enough;
        }

        lock (gate)
        {
            if (askedAt is { } at && Stopwatch.GetElapsedTime(at) < Freshness)
            {
                return level;
            }

            askedAt = Stopwatch.GetTimestamp();
            var free = space.FreeBytes();
            var now = free < options.MinimumFreeAuditBytes ? Level.Nothing : free < options.MinimumFreeBytes ? Level.AuditOnly : Level.Enough;
            if (now != level)
            {
                var what = now switch { Level.Enough => "takes appends", Level.AuditOnly => "takes audit only", _ => "refuses all appends" };
                Log.Changed(logger, what, free ?? -1, options.MinimumFreeBytes, options.MinimumFreeAuditBytes);
            }

            level = now;
            return now;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{What}: the database's volume has {FreeBytes} bytes free; appends need {MinimumFreeBytes}, audit needs {MinimumFreeAuditBytes}")]
        public static partial void Changed(ILogger logger, string what, long freeBytes, long minimumFreeBytes, long minimumFreeAuditBytes);
    }
}
