using Exchange.Server.Grpc.Connections;

namespace Exchange.Server.Grpc.Limits;

/// <summary>Forgets every second who has not called of late.</summary>
internal sealed class LimitUpkeep(CallLimits limits, HubConnections connections, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            limits.Forget();
            connections.Forget();
        }
    }
}
