namespace Exchange.Server.Grpc;

/// <summary>
/// Lets calls finish before the listener closes. Kestrel closes a connection when the last stream's end is about to be written, so that its
/// status may never leave; once nothing runs any more there is nothing to lose.
/// </summary>
internal sealed class CallDrain(IHostApplicationLifetime host, TimeProvider time) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4.5);

    // A response is complete for us a moment before its last bytes are with the client.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private readonly Lock turn = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int running;

    /// <summary>True once the node stops: new calls belong to another node.</summary>
    public bool IsStopping => host.ApplicationStopping.IsCancellationRequested;

    /// <summary>Counts the call until its response is complete.</summary>
    public void Begin(HttpContext call)
    {
        lock (turn)
        {
            running++;
        }

        call.Response.OnCompleted(() =>
        {
            End();
            return Task.CompletedTask;
        });
    }

    /// <summary>Tells everybody that the node stops and waits for the calls that run, before anything else stops.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        host.StopApplication();
        lock (turn)
        {
            if (running is 0)
            {
                drained.TrySetResult();
            }
        }

        if (!drained.Task.IsCompleted)
        {
            await Task.WhenAny(drained.Task, Task.Delay(Patience, time, cancellationToken));
            await Task.WhenAny(Task.Delay(Settling, time, cancellationToken));
        }
    }

    /// <summary>Nothing.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing: done while stopping.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void End()
    {
        lock (turn)
        {
            running--;
            if (running is 0 && IsStopping)
            {
                drained.TrySetResult();
            }
        }
    }
}
