using System.Buffers.Binary;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Server.Audit;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>Tells per field who wrote it, when, from where; newest first, fields of one event by their numbers.</summary>
internal sealed class RecordHistory(RecordReader reader, EventLog log, TokenSeal seal)
{
    private const int DefaultSize = 50;
    private const int LargestSize = 500;
    private const int TokenBytes = 16 + 16 + 8 + 4;

    /// <summary>One page.</summary>
    public Task<Proto.GetRecordHistoryResponse> GetAsync(Proto.GetRecordHistoryRequest request, ServerCallContext context) =>
        reader.ReadAsync(request.Name, (Purpose)request.Purpose, context, (read, scope, events) => Page(request, read, scope, events));

    private Result<Proto.GetRecordHistoryResponse> Page(
        Proto.GetRecordHistoryRequest request, RecordRead read, ReadAuditScope scope, IReadOnlyList<RecordEvent> events)
    {
        if (request.PageSize < 0)
        {
            return Refusal.Invalid("page_size", "OUT_OF_RANGE", $"must be 0 (the default of {DefaultSize}) to {LargestSize}");
        }

        if (!TryRead(read, request.PageToken, out var last))
        {
            return Refusal.Invalid("page_token", "INVALID_PAGE_TOKEN", "is not a token of this list: begin without one");
        }

        var sight = new RecordSight(read.Plan, events.Fold(read.Resource));
        if (!sight.IsVisible)
        {
            return read.NotFound();
        }

        var size = request.PageSize is 0 ? DefaultSize : Math.Min(request.PageSize, LargestSize);
        var rest = Entries(read, sight, events).AsEnumerable().Reverse().Where(entry => IsAfter(entry, last)).Take(size + 1).ToList();
        var page = rest.Take(size).ToList();
        scope.Rows = page.Count;
        if (page.Count > 0)
        {
            scope.Positions = new Dictionary<int, long> { [log.Partitions.ForRecord(read.Name.Record.Value)] = page[0].Entry.Position };
        }

        return new Proto.GetRecordHistoryResponse
        {
            Entries = { page.Select(entry => entry.Entry) },
            NextPageToken = rest.Count > size ? Token(read, page[^1].Entry.Version, page[^1].Number) : "",
        };
    }

    // Oldest first, the fields of one event by falling numbers: read backwards, the newest event comes first and its fields in order.
    private static List<(Proto.HistoryEntry Entry, int Number)> Entries(RecordRead read, RecordSight sight, IReadOnlyList<RecordEvent> events)
    {
        List<(Proto.HistoryEntry Entry, int Number)> entries = [];
        var fold = new RecordFold(read.Resource);
        foreach (var recordEvent in events)
        {
            fold.Apply(recordEvent);
            if (!sight.Look(fold))
            {
                continue;
            }

            var values = recordEvent.Changes.ToDictionary(change => change.Number, change => change.Value);
            foreach (var number in values.Keys.Union(recordEvent.SealedFields).OrderDescending())
            {
                if (read.Resource.IndexOf(number) is var index and >= 0 && sight.Allows(index))
                {
                    entries.Add((ToProto(read, sight, recordEvent, index, values.GetValueOrDefault(number)), number));
                }
            }
        }

        return entries;
    }

    private static Proto.HistoryEntry ToProto(RecordRead read, RecordSight sight, RecordEvent recordEvent, int index, in FieldValue value)
    {
        var stored = recordEvent.Stored;
        return new Proto.HistoryEntry
        {
            Field = read.Resource.Fields[index].Name,
            Value = ValueMap.ToProto(sight.Show(index, value)),
            Masked = sight.IsMasked(index),
            Department = stored.Caller,
            Client = stored.Client,
            SourceSystem = recordEvent.SourceSystem,
            Version = stored.Version,
            Position = stored.Position,
            RecordTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
            Proposed = recordEvent.IsProposal,
            Warnings = { recordEvent.Warnings },
        };
    }

    private static bool IsAfter((Proto.HistoryEntry Entry, int Number) entry, (long Version, int Number)? last) =>
        last is not var (version, number) || entry.Entry.Version < version || (entry.Entry.Version == version && entry.Number > number);

    private string Token(RecordRead read, long version, int number)
    {
        Span<byte> body = stackalloc byte[TokenBytes];
        WriteSubject(read, body);
        BinaryPrimitives.WriteInt64BigEndian(body[32..], version);
        BinaryPrimitives.WriteInt32BigEndian(body[40..], number);
        return seal.Seal(TokenSeal.Use.ListPage, read.Caller.Client, body);
    }

    private bool TryRead(RecordRead read, string token, out (long Version, int Number)? last)
    {
        last = null;
        if (token.Length is 0)
        {
            return true;
        }

        Span<byte> subject = stackalloc byte[32];
        WriteSubject(read, subject);
        if (seal.Open(TokenSeal.Use.ListPage, read.Caller.Client, token) is not { Length: TokenBytes } body || !body.AsSpan(0, 32).SequenceEqual(subject))
        {
            return false;
        }

        last = (BinaryPrimitives.ReadInt64BigEndian(body.AsSpan(32)), BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(40)));
        return true;
    }

    private void WriteSubject(RecordRead read, Span<byte> target)
    {
        log.Generation.TryWriteBytes(target, bigEndian: true, out _);
        read.Name.Record.Value.TryWriteBytes(target[16..], bigEndian: true, out _);
    }
}
