using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>Serves change feeds.</summary>
internal sealed class FeedService(EventLog log, ReadPlans plans, CheckpointCodec checkpoints, RefusedReads refused, FeedStreams streams)
    : Proto.FeedService.FeedServiceBase
{
    /// <inheritdoc/>
    public override async Task Follow(Proto.FollowRequest request, IServerStreamWriter<Proto.FollowResponse> responseStream, ServerCallContext context)
    {
        var caller = context.Caller;
        var opened = await OpenAsync(request, context);
        if (opened.IsRefused)
        {
            await refused.WriteAsync(
                caller, ReadActions.Follow, request.Resource, (Purpose)request.Purpose, request.Fields, opened.Refusal, context.CancellationToken);
        }

        var (query, view, positions) = opened.OrThrow();
        await streams.RunAsync(caller, query, view, positions, responseStream, context);
    }

    private async Task<Result<(FeedQuery Query, FeedView View, Dictionary<int, long> Positions)>> OpenAsync(Proto.FollowRequest request, ServerCallContext context)
    {
        var role = context.CallerIn(Role.DepartmentSystem);
        if (!role.TryGetValue(out var caller, out var refusal) || !FeedQuery.Parse(request).TryGetValue(out var query, out refusal))
        {
            return refusal;
        }

        var plan = await plans.FindAsync(caller, query.Resource, PlanAction.Follow, query.Purpose, context.CancellationToken);
        if (plan.IsRefused || !query.Under(plan.Value).TryGetValue(out var view, out refusal))
        {
            return plan.Refusal ?? refusal!;
        }

        var positions = await PositionsAsync(caller, query, context.CancellationToken);
        return positions.IsRefused ? positions.Refusal : (query, view, positions.Value);
    }

    private async Task<Result<Dictionary<int, long>>> PositionsAsync(Caller caller, FeedQuery query, CancellationToken cancellationToken)
    {
        var records = log.Partitions.Records;
        if (query.FromBeginning)
        {
            return records.ToDictionary(partition => partition, _ => 0L);
        }

        var heads = await log.Reader.ReadHeadsAsync([.. records], cancellationToken);
        if (query.Checkpoint.Length is 0)
        {
            return heads.ToDictionary();
        }

        var decoded = checkpoints.Decode(caller.Client, log.Generation, query.Fingerprint, query.Checkpoint);
        if (decoded.IsRefused)
        {
            return decoded.Refusal;
        }

        var isWithin = decoded.Value.Count == heads.Count
            && decoded.Value.All(entry => heads.TryGetValue(entry.Key, out var head) && entry.Value >= 0 && entry.Value <= head);
        return isWithin ? decoded.Value.ToDictionary() : FeedReasons.CheckpointInvalid;
    }
}
