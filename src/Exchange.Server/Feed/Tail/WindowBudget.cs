using System.Diagnostics.CodeAnalysis;

namespace Exchange.Server.Feed;

/// <summary>The bytes that a window of the tail may keep, of events and of what readers see of them. Thread-safe.</summary>
/// <param name="limit">Bytes at most.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore has something to dispose of only when its wait handle was asked for.")]
internal sealed class WindowBudget(long limit)
{
    // What is being made is counted with as much as it may become: of many at once nearly all would find no room for that.
    private readonly SemaphoreSlim making = new(Environment.ProcessorCount);
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

    /// <summary>Makes what takes bytes of unknown number, when its turn has come: as many at a time as there are processors.</summary>
    public async Task<T> MakeAsync<T>(Func<T> make)
    {
        await making.WaitAsync();
        try
        {
            return make();
        }
        finally
        {
            making.Release();
        }
    }
}
