namespace Exchange.EventStore;

/// <summary>PostgreSQL keeps microseconds.</summary>
internal static class StoredTime
{
    extension(DateTimeOffset time)
    {
        /// <summary>Microseconds since 1970, UTC.</summary>
        public long ToMicros() => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

        /// <summary>The same time without what PostgreSQL would not keep.</summary>
        public DateTimeOffset Truncated() => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }
}
