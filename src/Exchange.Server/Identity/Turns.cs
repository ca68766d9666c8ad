namespace Exchange.Server.Identity;

/// <summary>Who does something slow takes a turn: one at a time, and few who wait.</summary>
internal sealed class Turns : IDisposable
{
    private const int MostWaiting = 50;

    private readonly SemaphoreSlim free = new(1);
    private int waiting;

    /// <summary>Waits for a turn, to be given back by <see cref="Return"/>; false when too many wait.</summary>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return false;
        }

        try
        {
            await free.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>Ends the turn.</summary>
    public void Return() => free.Release();

    /// <inheritdoc/>
    public void Dispose() => free.Dispose();
}
