namespace Exchange.EventStore;

/// <summary>PostgreSQL keeps microseconds.</summary>
internal static class StoredTime
{
    /// <summary>PostgreSQL counts from 2000.</summary>
    public const long PostgresEpochMicros = 946_684_800_000_000;

    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>Microseconds since 1970, UTC.</summary>
    public static long ToMicros(this DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The same time without what PostgreSQL would not keep.</summary>
    public static DateTimeOffset Truncated(this DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
