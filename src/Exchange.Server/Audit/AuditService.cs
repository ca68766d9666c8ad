using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.EventStore.Chain;
using Exchange.Server.Departments;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Audit;

/// <summary>Shows the audit trail and the log.</summary>
internal sealed class AuditService(
    AuditTrail trail, EventLog log, GovernanceStore governance, HubDatabase database, TokenSeal seal, HeadFiles headFiles, RefusedRequestList refused)
    : Proto.AuditService.AuditServiceBase
{
    private const int DefaultSize = 50;
    private const int LargestSize = 500;

    // Below the 4 MiB that a message may have.
    private const int PageBytes = 3 * 1024 * 1024;

    private static readonly RefusalReason PartitionNotFound = new("PARTITION_NOT_FOUND", RefusalKind.NotFound);

    /// <inheritdoc/>
    public override async Task<Proto.ListAuditEntriesResponse> ListAuditEntries(Proto.ListAuditEntriesRequest request, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.Auditor, Role.Operator, Role.Steward).OrThrow();
        var size = Size(request.PageSize).OrThrow();
        var state = governance.Current;
        var query = AuditQueryForm.Parse(caller, request, state).OrThrow();
        var fingerprint = AuditQueryForm.Fingerprint(request);
        var before = Before(caller, fingerprint, request.PageToken).OrThrow();
        var page = await trail.ReadAsync(before, query, state, size, context.CancellationToken);
        return new Proto.ListAuditEntriesResponse
        {
            Entries = { page.Reads.Select(read => read.ToProto()) },
            NextPageToken = page.Before is { } next ? Token(caller, fingerprint, next) : "",
        };
    }

    /// <inheritdoc/>
    public override async Task<Proto.ListEventsResponse> ListEvents(Proto.ListEventsRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Auditor, Role.Operator).OrThrow();
        var size = Size(request.PageSize).OrThrow();
        Partition(request.Partition).OrThrow();
        if (request.AfterPosition < 0)
        {
            throw Refusal.Invalid("after_position", "OUT_OF_RANGE", "positions are counted from 1; give 0 to begin there").ToException();
        }

        var heads = await log.Reader.ReadHeadsAsync([request.Partition], context.CancellationToken);
        var events = await log.Reader.ReadPartitionAsync(request.Partition, request.AfterPosition, size, PageBytes, context.CancellationToken);
        var hashes = await log.Reader.ReadHashesAsync(request.Partition, request.AfterPosition, size, context.CancellationToken);
        return new Proto.ListEventsResponse
        {
            Events = { Fitting(events.Zip(hashes, (stored, hash) => ToProto(stored, hash))) },
            Head = Math.Max(heads[request.Partition], events.Count > 0 ? events[^1].Position : 0),
        };
    }

    /// <inheritdoc/>
    public override async Task<Proto.VerifyLogResponse> VerifyLog(Proto.VerifyLogRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Auditor, Role.Operator).OrThrow();
        IReadOnlyList<int> partitions = request.HasPartition ? [Partition(request.Partition).OrThrow()] : log.Partitions.All;
        var exported = headFiles.Read(log.StoreId, log.Generation);
        var response = new Proto.VerifyLogResponse { ExportedHeads = exported.Count, UnsignedHeads = exported.UnsignedCount };
        await using var verifier = new ChainVerifier(database.ConnectionString);
        foreach (var partition in partitions)
        {
            var report = await verifier.VerifyAsync(partition, exported.Of(partition), context.CancellationToken);
            response.Partitions.Add(new Proto.PartitionVerification
            {
                Partition = partition,
                Events = report.Through,
                Intact = report.Fault is null,
                FirstBadPosition = report.Fault?.Position ?? 0,
            });
        }

        return response;
    }

    /// <inheritdoc/>
    public override Task<Proto.ListRefusedRequestsResponse> ListRefusedRequests(Proto.ListRefusedRequestsRequest request, ServerCallContext context)
    {
        context.CallerIn(Role.Auditor, Role.Operator).OrThrow();
        return refused.ReadAsync(request, context.CancellationToken);
    }

    private static Result<int> Size(int size) => size switch
    {
        < 0 => Refusal.Invalid("page_size", "OUT_OF_RANGE", $"must be 0 (the default of {DefaultSize}) to {LargestSize}"),
        0 => DefaultSize,
        _ => Math.Min(size, LargestSize),
    };

    // JSON may be longer than what is stored.
    private static IEnumerable<Proto.LogEvent> Fitting(IEnumerable<Proto.LogEvent> events)
    {
        var bytes = 0;
        return events.TakeWhile((message, index) => (bytes += message.CalculateSize()) <= PageBytes || index is 0);
    }

    private Result<int> Partition(int partition) => log.Partitions.All.Contains(partition)
        ? partition
        : new Refusal(PartitionNotFound, $"the log has no partition {partition}")
        {
            Metadata = new Dictionary<string, string> { ["partition"] = partition.ToString(CultureInfo.InvariantCulture) },
        };

    private Proto.LogEvent ToProto(StoredEvent stored, byte[] hash) => new()
    {
        Partition = stored.Partition,
        Position = stored.Position,
        Stream = stored.StreamId.ToString("D"),
        Version = stored.Version,
        Type = stored.Type,
        Department = stored.Caller.Length is 0 ? "" : DepartmentMap.NameOf(new DepartmentId(stored.Caller)),
        Client = stored.Client,
        GovernancePosition = stored.GovernancePosition,
        RecordTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),

        // The first byte names the algorithm.
        Hash = Convert.ToHexStringLower(hash.AsSpan(1)),
        PayloadJson = LogPayload.ToJson(stored, governance.Current),
    };

    private string Token(Caller caller, byte[] fingerprint, IReadOnlyDictionary<int, long> before)
    {
        var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            CheckpointCodec.Write(output, log.Generation, fingerprint, before);
        }

        return seal.Seal(TokenSeal.Use.ListPage, caller.Client, stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private Result<IReadOnlyDictionary<int, long>> Before(Caller caller, byte[] fingerprint, string token)
    {
        if (token.Length is 0)
        {
            return new Dictionary<int, long>();
        }

        if (seal.Open(TokenSeal.Use.ListPage, caller.Client, token) is not { } body)
        {
            return InvalidToken;
        }

        using var input = new CodedInputStream(body);
        var read = CheckpointCodec.Read(input, log.Generation, fingerprint);
        return read.IsRefused ? InvalidToken : read.Value;
    }

    private static Refusal InvalidToken => Refusal.Invalid("page_token", "INVALID_PAGE_TOKEN", "is not a token of this list: begin without one");
}
