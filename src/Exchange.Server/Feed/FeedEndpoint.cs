using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Exchange.Server.Grpc.Wire;
using Exchange.Server.Identity;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>
/// Serves change feeds, apart from the generated base class because their responses are frames in wire form. Its route comes before the base class's
/// own, which says UNIMPLEMENTED.
/// </summary>
internal sealed class FeedEndpoint(EventLog log, ReadPlans plans, CheckpointCodec checkpoints, RefusedReads refused, ReadQuotas quotas, FeedStreams streams)
{
    private static readonly Method<Proto.FollowRequest, FeedFrame> Follow = new(
        MethodType.ServerStreaming,
        Proto.FeedService.Descriptor.FullName,
        Proto.FeedService.Descriptor.FindMethodByName(nameof(Follow)).Name,
        ServerMarshaller.OfRequest(Proto.FollowRequest.Parser),
        FeedFrame.Marshaller);

    /// <summary>Serves one feed.</summary>
    public async Task FollowAsync(Proto.FollowRequest request, IServerStreamWriter<FeedFrame> responses, ServerCallContext context)
    {
        var caller = context.Caller;
        var opened = await OpenAsync(request, context);
        if (opened.IsRefused)
        {
            await refused.WriteAsync(
                caller, ReadActions.Follow, request.Resource, (Purpose)request.Purpose, request.Fields, opened.Refusal, context.CancellationToken);
        }

        var (query, view, from) = opened.OrThrow();
        await streams.RunAsync(caller, query, view, from, responses, context);
    }

    private async Task<Result<(FeedQuery Query, FeedView View, ReadMark From)>> OpenAsync(Proto.FollowRequest request, ServerCallContext context)
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

        var from = await FromAsync(caller, query, view, context.CancellationToken);
        if (from.IsRefused)
        {
            return from.Refusal;
        }

        return await quotas.Of(view.Plan, view.Fields, view.Owners, view.Looked).BeginAsync(context.CancellationToken) is { } exhausted ? exhausted : (query, view, from.Value);
    }

    private async Task<Result<ReadMark>> FromAsync(Caller caller, FeedQuery query, FeedView view, CancellationToken cancellationToken)
    {
        var records = log.Partitions.Records;
        if (query.FromBeginning)
        {
            return new ReadMark(records.ToDictionary(partition => partition, _ => 0L), view.Digest);
        }

        var heads = await log.Reader.ReadHeadsAsync([.. records], cancellationToken);
        if (query.Checkpoint.Length is 0)
        {
            return new ReadMark(heads, view.Digest);
        }

        var decoded = checkpoints.Decode(caller.Client, log.Generation, query.Fingerprint, query.Checkpoint);
        if (decoded.IsRefused)
        {
            return decoded.Refusal;
        }

        var isWithin = decoded.Value.Positions.Count == heads.Count
            && decoded.Value.Positions.All(entry => heads.TryGetValue(entry.Key, out var head) && entry.Value >= 0 && entry.Value <= head);
        return isWithin ? decoded : FeedReasons.CheckpointInvalid;
    }

    /// <summary>Tells gRPC of the method.</summary>
    public sealed class Methods : IServiceMethodProvider<FeedEndpoint>
    {
        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<FeedEndpoint> context) =>
            context.AddServerStreamingMethod(Follow, [], static (endpoint, request, responses, call) => endpoint.FollowAsync(request, responses, call));
    }
}
