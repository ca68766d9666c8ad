using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>
/// How long one stream may last: until its token expires or is revoked, its client is disabled, the node stops or the client goes away. A handler that does not
/// return soon after is cut off.
/// </summary>
public sealed class CallerLifetime : IAsyncDisposable
{
    private readonly Lock turn = new();
    private readonly CancellationTokenSource source = new();
    private readonly List<IAsyncDisposable> watches = [];
    private readonly TimeProvider time;
    private readonly Action cutOff;
    private readonly Action<CallerLifetime> leave;
    private bool isDisposed;

    /// <param name="time">Clock of the grace.</param>
    /// <param name="cutOff">Ends the connection's stream when the handler does not return in its grace.</param>
    /// <param name="leave">Told once the stream is over.</param>
    internal CallerLifetime(TimeProvider time, Action cutOff, Action<CallerLifetime> leave)
    {
        this.time = time;
        this.cutOff = cutOff;
        this.leave = leave;
        Token = source.Token;
    }

    /// <summary>Ends with the lifetime; what the handler's <c>context.CancellationToken</c> is.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the hub ended the stream; null while it lasts and when the client ended it.</summary>
    public Refusal? End { get; private set; }

    /// <summary>Ends the lifetime with the token, for this reason or, without one, because the client did.</summary>
    internal void EndWith(Refusal? reason, TimeSpan grace, CancellationToken cause) => Keep(cause.Register(() => EndNow(reason, grace)));

    /// <summary>The stream is over.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (turn)
        {
            isDisposed = true;
        }

        leave(this);
        foreach (var watch in watches)
        {
            await watch.DisposeAsync();
        }

        source.Dispose();
    }

    /// <summary>Ends the lifetime, for this reason or, without one, because the client did.</summary>
    internal void EndNow(Refusal? reason, TimeSpan grace)
    {
        lock (turn)
        {
            if (isDisposed || source.IsCancellationRequested)
            {
                return;
            }

            End = reason;
            if (reason is not null)
            {
                watches.Add(time.CreateTimer(_ => cutOff(), null, grace, Timeout.InfiniteTimeSpan));
            }
        }

        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The handler returned meanwhile.
        }
    }

    private void Keep(IAsyncDisposable watch)
    {
        lock (turn)
        {
            watches.Add(watch);
        }
    }
}
