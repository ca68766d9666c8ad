namespace Exchange.Testing;

/// <summary>A clock that stands still until the test moves it on. What waits, waits in real time.</summary>
public sealed class SteppedTime : TimeProvider
{
    private long ticks = new DateTimeOffset(2024, 5, 1, 8, 0, 0, TimeSpan.Zero).Ticks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref ticks), TimeSpan.Zero);

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref ticks);

    /// <summary>Moves it on.</summary>
    public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
}
