using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>What all feeds of this node have in common.</summary>
internal sealed class FeedStreams(
    EventLog log, GovernanceStore governance, ReadPlans plans, IReadAudit audit, OwnerNumbers owners, ReadQuotas quotas, CheckpointCodec checkpoints, FeedTail tail,
    FeedOptions options, TimeProvider time)
{
    /// <summary>The log.</summary>
    public EventLog Log => log;

    /// <summary>The audit trail.</summary>
    public IReadAudit Audit => audit;

    /// <summary>Numbers of departments.</summary>
    public OwnerNumbers Owners => owners;

    /// <summary>Quotas of grants.</summary>
    public ReadQuotas Quotas => quotas;

    /// <summary>Bounds.</summary>
    public FeedOptions Options => options;

    /// <summary>The clock of slow readers.</summary>
    public TimeProvider Time => time;

    /// <summary>The log's tail.</summary>
    public FeedTail Tail => tail;

    /// <summary>Feeds a reader until the call ends, in one way or another.</summary>
    public async Task RunAsync(
        Caller caller, FeedQuery query, FeedView view, ReadMark from, IServerStreamWriter<FeedFrame> responses, ServerCallContext context)
    {
        await using var watch = new PlanWatch(
            governance, plans, caller, view.Plan, (earlier, later) => Lost(query, earlier, later), time, context.CancellationToken);
        await using var stream = new FeedStream(this, caller, query, view, from, responses, watch);
        await stream.RunAsync(context);
    }

    /// <summary>Where the stream stands, as the reader keeps it.</summary>
    public string Checkpoint(Caller caller, FeedQuery query, ReadMark mark) => checkpoints.Encode(caller.Client, log.Generation, query.Fingerprint, mark);

    private static Refusal? Lost(FeedQuery query, ReadPlan earlier, ReadPlan later)
    {
        var view = query.Under(earlier);
        return view.IsRefused ? view.Refusal : PlanChange.Lost(earlier.Plan, later.Plan, view.Value.Fields) ?? Unusable(query, later);
    }

    // The filter looks at a field that may no longer be filtered by.
    private static Refusal? Unusable(FeedQuery query, ReadPlan later) =>
        query.Under(later).Refusal is { } refusal ? refusal with { Reason = ReadReasons.RightEnded } : null;
}
