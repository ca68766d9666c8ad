using Exchange.EventStore.Committing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.EventStore;

/// <summary>Makes ranges of the idempotency table ahead of time and drops old ones: once after the start, then hourly.</summary>
internal sealed partial class StoreUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private readonly IdempotencyRanges ranges;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;

    public StoreUpkeep(IdempotencyRanges ranges, TimeProvider time, ILogger logger)
    {
        this.ranges = ranges;
        this.time = time;
        this.logger = logger;
        running = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                await KeepUpAsync();
            }
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task KeepUpAsync()
    {
        try
        {
            await ranges.EnsureAsync(time.GetUtcNow(), stopping.Token);
            await ranges.DropExpiredAsync(time.GetUtcNow(), stopping.Token);
        }
        catch (NpgsqlException e)
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "upkeep of the idempotency table failed; tries again in an hour")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
