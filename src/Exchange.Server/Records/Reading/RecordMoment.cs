using Exchange.Catalog;
using Exchange.EventStore.Reading;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>A point of a record's life: now, or as of a position or time.</summary>
/// <param name="Position">Last position of the record's partition that counts; null when the time decides.</param>
/// <param name="Time">Last time that counts; null when the position decides.</param>
internal readonly record struct RecordMoment(long? Position, DateTimeOffset? Time)
{
    /// <summary>
    /// Events of a time are all there when it is so long ago, or when a later one is there. A commit takes its time before it waits for its locks: the
    /// timeouts of both and the difference of the nodes' clocks are less.
    /// </summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

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

    /// <summary>
    /// The last position that counts; the largest there is for now. A moment that has not come, or of which events may still be on their way, is
    /// refused: what is told of it could change.
    /// </summary>
    public async Task<Result<long>> ResolveAsync(EventReader reader, int partition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (IsNow)
        {
            return long.MaxValue;
        }

        // The head first: an event behind the position found below then has a later time, and so has all that will be stored.
        var head = (await reader.ReadHeadsAsync([partition], cancellationToken))[partition];
        if (Position is { } position)
        {
            return position <= head ? position : new Refusal(NotYet, "the log has not come that far: ask for now, or for an earlier position");
        }

        if (Time > now)
        {
            return new Refusal(NotYet, "that time has not come: ask for now, or for an earlier time");
        }

        var last = await reader.FindPositionAsync(partition, Time!.Value, cancellationToken);
        return head > last || Time <= now - Settled
            ? last
            : new Refusal(NotYet, $"what was stored in the last {Settled.TotalSeconds:0} seconds may not be complete: ask for now, for a position, or again later");
    }

    private static bool IsInCalendar(Timestamp time) => time is { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 };
}
