using Google.Protobuf.WellKnownTypes;

namespace Exchange.Server.Governance;

/// <summary>Reads times of strangers, and writes those that may be missing.</summary>
internal static class Timestamps
{
    /// <summary>The time as a message; null for none.</summary>
    public static Timestamp? Write(DateTimeOffset? time) => time is { } instant ? Timestamp.FromDateTimeOffset(instant) : null;

    /// <summary>The time that may be left out: null when it was, the last one of the calendar when it lies beyond it, which no bound lets through.</summary>
    public static DateTimeOffset? ReadOptional(Timestamp? time) => time is null ? null : Read(time) ?? DateTimeOffset.MaxValue;

    /// <summary>The time; null when there is none or it lies beyond the calendar, years 1 to 9999.</summary>
    public static DateTimeOffset? Read(Timestamp? time) =>
        time is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 } ? time.ToDateTimeOffset() : null;
}
