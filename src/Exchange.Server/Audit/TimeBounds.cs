using Exchange.Catalog;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Server.Audit;

/// <summary>Reads the times between which something is listed.</summary>
internal static class TimeBounds
{
    /// <summary>Before anything that was ever recorded; protobuf's times begin earlier.</summary>
    public static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    /// <summary>After everything; PostgreSQL's times end later.</summary>
    public static readonly DateTimeOffset Latest = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The time of a request's field, or what stands for it when it is not set.</summary>
    public static Result<DateTimeOffset> Read(string field, Timestamp? time, DateTimeOffset unset)
    {
        if (time is null)
        {
            return unset;
        }

        // Timestamp's own conversion throws beyond what it may hold.
        return time.Nanos is >= 0 and < 1_000_000_000 && time.Seconds >= Earliest.ToUnixTimeSeconds() && time.Seconds <= Latest.ToUnixTimeSeconds()
            ? time.ToDateTimeOffset()
            : Refusal.Invalid(field, "OUT_OF_RANGE", "must be a time from 1970 to 9999");
    }
}
