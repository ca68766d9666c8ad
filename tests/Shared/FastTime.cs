namespace Exchange.Testing;

/// <summary>A clock that runs faster than time and may be ahead of others or behind them; its timers, too.</summary>
public sealed class FastTime(double pace, TimeSpan ahead = default) : TimeProvider
{
    // The same for all, so that only what they are ahead keeps them apart.
    private static readonly DateTimeOffset Origin = DateTimeOffset.UtcNow;
    private static readonly long Began = System.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Origin + ahead + (System.GetElapsedTime(Began) * pace);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Fast(dueTime), Fast(period));

    private TimeSpan Fast(TimeSpan time) => time > TimeSpan.Zero ? time / pace : time;
}
