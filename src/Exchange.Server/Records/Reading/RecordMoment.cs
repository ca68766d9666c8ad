using Exchange.Catalog;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>A point of a record's life: now, or as of a position or time.</summary>
/// <param name="Position">Last position of the record's partition that counts; null when the time decides.</param>
/// <param name="Time">Last time that counts; null when the position decides.</param>
internal readonly record struct RecordMoment(long? Position, DateTimeOffset? Time)
{
    private static readonly RefusalReason NotYet = new("NOT_YET", RefusalKind.OutOfRange);

    /// <summary>True for now.</summary>
    public bool IsNow => Position is null && Time is null;

    /// <summary>Reads the request.</summary>
    public static Result<RecordMoment> Parse(Proto.GetRecordRequest request) => request.AsOfCase switch
    {
        Proto.GetRecordRequest.AsOfOneofCase.Position when request.Position < 1 =>
            Refusal.Invalid("position", "OUT_OF_RANGE", "positions are counted from 1"),
        Proto.GetRecordRequest.AsOfOneofCase.Position => new RecordMoment(request.Position, null),
        Proto.GetRecordRequest.AsOfOneofCase.Time when !IsInCalendar(request.Time) =>
            Refusal.Invalid("time", "OUT_OF_RANGE", "must lie in the years 1 to 9999"),
        Proto.GetRecordRequest.AsOfOneofCase.Time => new RecordMoment(null, request.Time.ToDateTimeOffset()),
        _ => default(RecordMoment),
    };

    /// <summary>Refuses a moment that has not come: what is told of it could change.</summary>
    public Refusal? CheckCome(long head, DateTimeOffset now) =>
        Position > head || Time > now ? new Refusal(NotYet, "the log has not come that far: ask for now, or for an earlier position or time") : null;

    /// <summary>True when what was recorded there counts.</summary>
    public bool Includes(long position, DateTimeOffset recordedAt) => (Position is null || position <= Position) && (Time is null || recordedAt <= Time);

    private static bool IsInCalendar(Timestamp time) => time is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 };
}
