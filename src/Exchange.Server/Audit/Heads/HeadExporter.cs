using Exchange.EventStore;

namespace Exchange.Server.Audit;

/// <summary>Exports the signed heads when the node starts, every minute in which they moved, and when it stops.</summary>
internal sealed partial class HeadExporter(EventLog log, HeadFiles files, TimeProvider time, ILogger<HeadExporter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private long exported = -1;

    /// <summary>Exports once. A failure is logged: it must not stop the hub, and the next minute tries again.</summary>
    internal async Task ExportAsync(CancellationToken cancellationToken)
    {
        try
        {
            var heads = await log.Reader.ReadHeadHashesAsync(cancellationToken);
            var total = heads.Sum(head => head.Head);
            if (total != exported)
            {
                files.Append(log.StoreId, log.Generation, time.GetUtcNow(), heads);
                exported = total;
            }
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or UnauthorizedAccessException)
        {
            Log.NotExported(logger, e);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await ExportAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The time for stopping is over; the next start exports these heads.
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await ExportAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "the signed heads could not be exported")]
        public static partial void NotExported(ILogger logger, Exception exception);
    }
}
