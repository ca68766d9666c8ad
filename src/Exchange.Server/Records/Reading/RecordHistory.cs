using System.Buffers.Binary;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Proposals;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>Tells per field who wrote it, when, from where; newest first, fields of one event by their numbers.</summary>
internal sealed class RecordHistory(RecordReader reader, EventLog log, TokenSeal seal, OwnerNumbers owners, ReadQuotas quotas)
{
    private const int DefaultSize = 50;
    private const int LargestSize = 500;
    private const int TokenBytes = 16 + 16 + 8 + 4;

    /// <summary>One page.</summary>
    public Task<Proto.GetRecordHistoryResponse> GetAsync(Proto.GetRecordHistoryRequest request, ServerCallContext context) =>
        reader.ReadAsync(request.Name, [], (Purpose)request.Purpose, PlanAction.History, ReadActions.History, context, (read, scope) => PageAsync(request, read, scope, context.CancellationToken));

    private async Task<Result<Proto.GetRecordHistoryResponse>> PageAsync(
        Proto.GetRecordHistoryRequest request, RecordRead read, ReadAuditScope scope, CancellationToken cancellationToken)
    {
        if (request.PageSize < 0)
        {
            return Refusal.Invalid("page_size", "OUT_OF_RANGE", $"must be 0 (the default of {DefaultSize}) to {LargestSize}");
        }

        if (!TryRead(read, request.PageToken, out var last))
        {
            return Refusal.Invalid("page_token", "INVALID_PAGE_TOKEN", "is not a token of this list: begin without one");
        }

        var now = await RecordStream.ReadAsync(log, read.Name, read.View.Needs, cancellationToken).FoldAsync(read.View.Resource);
        var sight = new RecordSight(read.View.Plan, now);
        if (!sight.IsVisible)
        {
            return read.NotFound();
        }

        var page = new HistoryPage(request.PageSize is 0 ? DefaultSize : Math.Min(request.PageSize, LargestSize), RowLimit.PageBytes);
        await FillAsync(page, read, now, sight, last ?? (now.Version, 0), cancellationToken);
        List<(Proto.HistoryEntry Entry, int Number)> entries = [.. page.NewestFirst];
        if (entries is [var (only, _)] && only.CalculateSize() > RowLimit.LargestBytes)
        {
            return RowLimit.TooLarge($"a change of `{only.Field}`", "ask its owner to show it without a mask");
        }

        if (entries.Count > 0)
        {
            if (await quotas.TakeAsync(read.View, [now], cancellationToken, entries.Select(entry => WriterOf(read, entry.Entry, entry.Number))) is { } exhausted)
            {
                return exhausted;
            }

            scope.Rows = entries.Count;
            scope.Owners = Owners(read, now, entries);
            scope.Positions = new Dictionary<int, long> { [log.Partitions.ForRecord(read.Name.Record.Value)] = entries[0].Entry.Position };
        }

        return new Proto.GetRecordHistoryResponse
        {
            Entries = { entries.Select(entry => entry.Entry) },
            NextPageToken = page.IsCut ? Token(read, entries[^1].Entry.Version, entries[^1].Number) : "",
        };
    }

    // Whose the field is now, and whose it was when it was written: only an owner writes, others propose.
    private OwnerTally? Owners(RecordRead read, RecordFold now, List<(Proto.HistoryEntry Entry, int Number)> entries)
    {
        var tally = read.View.Owners.ToTally(owners);
        foreach (var (entry, number) in entries)
        {
            var place = read.View.Resource.IndexOf(number);
            var current = read.View.Owners.SetOf(now, index => index == place, owners);
            tally?.Add(current, WriterOf(read, entry, number));
        }

        return tally;
    }

    private OwnerSet WriterOf(RecordRead read, Proto.HistoryEntry entry, int number)
    {
        var place = read.View.Resource.IndexOf(number);
        var rule = read.View.Owners.Rules.Index().FirstOrDefault(rule => rule.Item.Fields.Contains(place));
        return entry.Proposed || rule.Item is null ? default : default(OwnerSet).With(rule.Index, owners.Of(entry.Department));
    }

    // What an event shows depends on all before it, so it is read from the first one on, up to where the page begins. The fields of one event by
    // falling numbers: read backwards, the newest event comes first and its fields in order.
    private async Task FillAsync(HistoryPage page, RecordRead read, RecordFold now, RecordSight sight, (long Version, int Number) last, CancellationToken cancellationToken)
    {
        var fold = new RecordFold(read.View.Resource);
        var proposers = new Dictionary<long, string>();
        await foreach (var recordEvent in RecordStream.ReadAsync(log, read.Name, read.View.Needs, cancellationToken))
        {
            var version = recordEvent.Stored.Version;
            if (version > last.Version)
            {
                break;
            }

            fold.Apply(recordEvent);
            if (recordEvent.IsProposal)
            {
                proposers[version] = recordEvent.Stored.Caller;
            }

            if (!sight.Look(fold))
            {
                continue;
            }

            var values = recordEvent.Changes.ToDictionary(change => change.Number, change => change.Value);
            List<int> written = [.. values.Keys.Union(recordEvent.SealedFields).OrderDescending()];

            // A warning is about the row, and may tell of a field what the reader may not see of it.
            var showsWarnings = written.TrueForAll(number => read.View.Resource.IndexOf(number) is var index and >= 0 && sight.Allows(index));
            foreach (var number in written.Where(number => version < last.Version || number > last.Number))
            {
                if (read.View.Resource.IndexOf(number) is var index and >= 0 && sight.Allows(index) && (!recordEvent.IsProposal || IsSide(read, now, recordEvent, index)))
                {
                    var entry = ToProto(read, sight, recordEvent, index, values.GetValueOrDefault(number), showsWarnings);
                    entry.Proposal = ProposalOf(read, recordEvent, proposers);
                    page.Add(entry, number);
                }
            }
        }
    }

    // What was proposed is between who proposed it and the owner.
    private static bool IsSide(RecordRead read, RecordFold now, RecordEvent proposal, int index)
    {
        var resource = read.View.Resource;
        return proposal.Stored.Caller == read.Caller.Department.Value || read.Caller.Department.Value == resource.Fields[index].Owner switch
        {
            OwnerRule.Department { Id: var department } => department.Value,
            OwnerRule.DepartmentField { FieldName: var name } => now.Values[resource.IndexOf(name)] is { IsMissing: false } named ? named.AsText : null,
            _ => now.Opener,
        };
    }

    private static string ProposalOf(RecordRead read, RecordEvent recordEvent, Dictionary<long, string> proposers)
    {
        var version = recordEvent.IsProposal ? recordEvent.Stored.Version : recordEvent.Corrects;
        var isSide = recordEvent.IsProposal || recordEvent.Stored.Caller == read.Caller.Department.Value || proposers.GetValueOrDefault(version) == read.Caller.Department.Value;
        return version > 0 && isSide ? new ProposalName(read.Name, version).ToString() : "";
    }

    private static Proto.HistoryEntry ToProto(RecordRead read, RecordSight sight, RecordEvent recordEvent, int index, in FieldValue value, bool showsWarnings)
    {
        var stored = recordEvent.Stored;
        return new Proto.HistoryEntry
        {
            Field = read.View.Resource.Fields[index].Name,
            Value = ValueMap.ToProto(sight.Show(index, value)),
            Masked = sight.IsMasked(index),
            Department = stored.Caller,
            Client = stored.Client,
            SourceSystem = recordEvent.SourceSystem,
            Version = stored.Version,
            Position = stored.Position,
            RecordTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
            Proposed = recordEvent.IsProposal,
            Warnings = { showsWarnings ? recordEvent.Warnings : [] },
        };
    }

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
