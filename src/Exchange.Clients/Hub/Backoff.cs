namespace Exchange.Clients.Hub;

/// <summary>
/// Waits longer with each try: 100 ms doubling to 5 s, half of it chance. Gives up when tries have failed for a while; the time in
/// which nothing was tried, because a stream was idle or its reader slow, does not count.
/// </summary>
internal sealed class Backoff(TimeSpan giveUpAfter, TimeProvider time)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(5);

    private TimeSpan _next = _first;
    private long? _failingSince;

    /// <summary>Something went well: patience begins anew, with the next failure.</summary>
    public void Progress()
    {
        _next = _first;
        _failingSince = null;
    }

    /// <summary>Waits after a failure; false when it is time to give up. The last try is made at the end of the patience, however long the wait would be.</summary>
    /// <param name="least">What the hub asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> WaitAsync(TimeSpan? least, CancellationToken cancellationToken)
    {
        _failingSince ??= time.GetTimestamp();
        var left = giveUpAfter - time.GetElapsedTime(_failingSince.Value);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        var wait = (_next / 2) + (_next / 2 * Random.Shared.NextDouble());
        _next = TimeSpan.FromTicks(Math.Min((_next * 2).Ticks, _most.Ticks));
        wait = least > wait ? least.Value : wait;
        await Task.Delay(wait < left ? wait : left, time, cancellationToken);
        return true;
    }
}
