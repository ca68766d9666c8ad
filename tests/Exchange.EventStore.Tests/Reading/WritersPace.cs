namespace Exchange.EventStore.Tests.Reading;

/// <summary>
/// Holds writers back while a reader stays behind. Without it readers of small batches, who read less than is written meanwhile, never come to the end.
/// </summary>
internal sealed class WritersPace
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private int behind;

    public Reader Follow() => new(this);

    /// <summary>A pause between two writes, and on until nobody is behind.</summary>
    public async Task WaitAsync()
    {
        do
        {
            await Task.Delay(Pause, CancellationToken.None);
        }
        while (Volatile.Read(ref behind) > 0);
    }

    /// <summary>One reader; disposed, it holds nobody back.</summary>
    internal sealed class Reader(WritersPace pace) : IDisposable
    {
        private bool wasBehind;

        public void Report(bool isBehind)
        {
            if (isBehind != wasBehind)
            {
                Interlocked.Add(ref pace.behind, isBehind ? 1 : -1);
                wasBehind = isBehind;
            }
        }

        public void Dispose() => Report(isBehind: false);
    }
}
