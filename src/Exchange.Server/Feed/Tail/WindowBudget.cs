namespace Exchange.Server.Feed;

/// <summary>The bytes that a window of the tail may keep, of events and of what readers see of them. Thread-safe.</summary>
/// <param name="limit">Bytes at most.</param>
internal sealed class WindowBudget(long limit)
{
    private long taken;

    /// <summary>True when more than half is taken: the rest is for what readers will see of the pages that are there.</summary>
    public bool IsShort => Interlocked.Read(ref taken) > limit / 2;

    /// <summary>Takes what is there already, or gives some of it back.</summary>
    public void Take(long bytes) => Interlocked.Add(ref taken, bytes);

    /// <summary>Takes bytes if there are so many.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref taken, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref taken, -bytes);
        return false;
    }
}
