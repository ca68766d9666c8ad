namespace Exchange.Server.Grpc;

/// <summary>Whether this node can serve: it does while everything it depends on is well and it is not stopping. Features report under names of their own.</summary>
public sealed class HubHealth : IDisposable
{
    private readonly Lock turn = new();
    private readonly HashSet<string> troubles = ["start"];
    private readonly CancellationTokenRegistration stopping;
    private TaskCompletionSource changed = New();

    /// <summary>Serving begins with the host and ends when it is asked to stop.</summary>
    public HubHealth(IHostApplicationLifetime host)
    {
        ArgumentNullException.ThrowIfNull(host);
        stopping = host.ApplicationStopping.Register(() => Report("stop", isWell: false));
    }

    /// <summary>True while calls can be served.</summary>
    public bool IsServing
    {
        get
        {
            lock (turn)
            {
                return troubles.Count is 0;
            }
        }
    }

    /// <summary>Whether this node serves now, and a task that ends at the next change.</summary>
    public (bool IsServing, Task Changed) Current
    {
        get
        {
            lock (turn)
            {
                return (troubles.Count is 0, changed.Task);
            }
        }
    }

    /// <summary>Reports how something the node depends on is, for example `database`.</summary>
    public void Report(string dependency, bool isWell)
    {
        TaskCompletionSource? told = null;
        lock (turn)
        {
            var wasServing = troubles.Count is 0;
            _ = isWell ? troubles.Remove(dependency) : troubles.Add(dependency);
            if (wasServing != troubles.Count is 0)
            {
                (told, changed) = (changed, New());
            }
        }

        told?.SetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => stopping.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
