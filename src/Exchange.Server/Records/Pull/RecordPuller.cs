using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Records.Pull.Paging;
using Grpc.Core;
using Npgsql;
using Caller = Exchange.Catalog.Caller;
using Purpose = Exchange.Catalog.Purpose;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Records.Pull;

/// <summary>Serves pulls: checks what is asked for, audits it, sends what the plan shows.</summary>
internal sealed class RecordPuller(
    EventLog log,
    NpgsqlDataSource database,
    GovernanceStore governance,
    ReadPlans plans,
    IReadAudit audit,
    RefusedReads refused,
    CheckpointCodec checkpoints,
    PullPageTokens tokens,
    OwnerNumbers owners,
    ReadQuotas quotas,
    TimeProvider time)
{
    /// <summary>Pulls for the caller until everything is sent.</summary>
    public async Task PullAsync(PullRequest request, IServerStreamWriter<PullFrame> responses, ServerCallContext context)
    {
        var caller = context.Caller;
        var opened = await OpenAsync(request, context);
        if (opened.IsRefused)
        {
            await refused.WriteAsync(
                caller, ReadActions.Pull, request.Resource, (Purpose)(int)request.Purpose, request.Fields, opened.Refusal, context.CancellationToken);
        }

        var (query, shape, quota, positions, from) = opened.OrThrow();
        var view = shape.View;
        await using var watch = new PlanWatch(
            governance, plans, caller, view.Plan, (_, later) => Lost(query, view, later), time, context.CancellationToken);
        await using var scope = (await audit.BeginAsync(IntentOf(caller, query, view, positions), context.CancellationToken)).OrThrow();
        try
        {
            await RunAsync(caller, query, shape, quota, positions, from, responses, scope, watch);

            // Whatever a page showed was stored before its end.
            scope.Positions = await log.Reader.ReadHeadsAsync([.. log.Partitions.Records], watch.Token);
            await scope.CompleteAsync(StatusCode.OK);
        }
        catch (Exception e)
        {
            try
            {
                await watch.ThrowIfEndedAsync();
            }
            catch (RpcException ended)
            {
                await scope.FailAsync(ended, context);
                throw;
            }

            await scope.FailAsync(e, context);
            throw;
        }
    }

    // A pull keeps the plan it began with, so that plan may not show, filter by or order by more than the newest lets it.
    private static Refusal? Lost(PullQuery query, PullView view, ReadPlan later)
    {
        var began = view.Plan.Plan;
        if (PlanChange.Lost(began, later.Plan, view.Fields) is { } lost)
        {
            return lost;
        }

        if (query.Under(later).Refusal is { } unusable)
        {
            return unusable with { Reason = ReadReasons.RightEnded };
        }

        var narrowed = began.WidenedFrom(later.Plan);
        return view.Fields.Any(index => narrowed.Contains(began.Fields[index].Field.Number)) ? PullPageTokens.PlanChanged : null;
    }

    private static ReadIntent IntentOf(Caller caller, PullQuery query, PullView view, IReadOnlyDictionary<int, long> positions) => new()
    {
        Caller = caller,
        Action = ReadActions.Pull,
        Resource = query.Resource.Value,
        Purpose = query.Purpose,
        Fields = [.. view.Columns.Select(column => column.Field)],
        MaskedFields = [.. view.MaskedFields.Select(plan => plan.Field.Name)],
        Masks = [.. view.MaskedFields.Select(plan => (plan.Field.Name, plan.Masks))],
        Filter = query.Filter,
        OrderBy = view.Order?.ToString() ?? "",
        Positions = positions,
        GovernancePosition = view.Plan.Plan.Revision,
    };

    private async Task RunAsync(
        Caller caller, PullQuery query, PullShape shape, ReadQuota quota, IReadOnlyDictionary<int, long> positions, PullPosition from, IServerStreamWriter<PullFrame> responses,
        ReadAuditScope scope, PlanWatch watch)
    {
        var view = shape.View;
        scope.Owners = shape.Owners.ToTally(owners);
        var start = new PullStart
        {
            Columns = { view.Columns },
            Checkpoint = checkpoints.Encode(caller.Client, log.Generation, query.Fingerprint, new ReadMark(positions, view.Digest)),
            Revision = view.Plan.Plan.Revision,
        };
        var fingerprint = query.OrderedFingerprint;
        using var run = new PullRun(
            new PullPages(database, log.Partitions, shape, positions, owners), start, query, quota, last => tokens.Write(caller.Client, log.Generation, fingerprint, view.Digest, positions, last));
        await run.RunAsync(from, responses, scope, watch);
    }

    private async Task<Result<(PullQuery Query, PullShape Shape, ReadQuota Quota, IReadOnlyDictionary<int, long> Positions, PullPosition From)>> OpenAsync(
        PullRequest request, ServerCallContext context)
    {
        var cancellationToken = context.CancellationToken;
        if (!context.CallerIn(Role.DepartmentSystem).TryGetValue(out var caller, out var refusal) || !PullQuery.Parse(request).TryGetValue(out var query, out refusal))
        {
            return refusal;
        }

        var plan = await plans.FindAsync(caller, query.Resource, PlanAction.Pull, query.Purpose, cancellationToken);
        if (plan.IsRefused || !query.Under(plan.Value).TryGetValue(out var view, out refusal))
        {
            return plan.Refusal ?? refusal!;
        }

        var begin = await BeginAsync(caller, query, view, cancellationToken);
        if (begin.IsRefused)
        {
            return begin.Refusal;
        }

        var shape = new PullShape(view);
        var quota = quotas.Of(view.Plan, shape.Shown, shape.Owners, view.Looked);
        return await quota.BeginAsync(cancellationToken) is { } exhausted ? exhausted : (query, shape, quota, begin.Value.Positions, begin.Value.From);
    }

    private async Task<Result<(IReadOnlyDictionary<int, long> Positions, PullPosition From)>> BeginAsync(
        Caller caller, PullQuery query, PullView view, CancellationToken cancellationToken)
    {
        if (query.PageToken.Length > 0)
        {
            var token = tokens.Read(caller.Client, log.Generation, query.OrderedFingerprint, view.Digest, query.PageToken);
            return token.IsRefused ? token.Refusal : (token.Value.Positions, token.Value.Last);
        }

        // Before the first page: whatever is stored later stands behind these heads.
        var heads = await log.Reader.ReadHeadsAsync([.. log.Partitions.Records], cancellationToken);
        return (heads, PullRoute.Start(log.Partitions.Records));
    }
}
