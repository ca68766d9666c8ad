namespace Exchange.Clients.Hub;

/// <summary>Waits longer with each try: 100 ms doubling to 5 s, half of it chance. Gives up when there was no progress for a while.</summary>
internal sealed class Backoff(TimeSpan giveUpAfter, TimeProvider time)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(5);

    private TimeSpan _next = _first;
    private long _since = time.GetTimestamp();

    /// <summary>Something went well: patience begins anew.</summary>
    public void Progress()
    {
        _next = _first;
        _since = time.GetTimestamp();
    }

    /// <summary>Waits; false when it is time to give up.</summary>
    /// <param name="least">What the hub asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> WaitAsync(TimeSpan? least, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_since) >= giveUpAfter)
        {
            return false;
        }

        var wait = (_next / 2) + (_next / 2 * Random.Shared.NextDouble());
        _next = TimeSpan.FromTicks(Math.Min((_next * 2).Ticks, _most.Ticks));
        await Task.Delay(least > wait ? least.Value : wait, time, cancellationToken);
        return true;
    }
}
