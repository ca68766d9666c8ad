using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Records;
using Exchange.EventStore;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Records.Reading;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Proposals;

/// <summary>
/// Shows a proposal with its values to its two sides. That is a read: it has a purpose, is audited, and the owner sees the values of those fields that its
/// systems may read of the record as it is, without a mask. Who proposed sees its own words.
/// </summary>
internal sealed class ProposalReader(EventLog log, GovernanceStore store, ReadPlans plans, CurrentRecords records, IReadAudit audit, RefusedReads refused)
{
    private static readonly Refusal PlanMoves = new(
        new("PLAN_CHANGED", RefusalKind.Unavailable), "what you may read changed again and again while it was read: try again");

    /// <summary>The proposal with what its side may see; of a resource that is not there any more, or with no field that may be read, as in a list.</summary>
    /// <param name="row">A proposal that the caller is a side of.</param>
    /// <param name="purpose">Why it is read.</param>
    /// <param name="context">The call.</param>
    public async Task<Proto.Proposal> ReadAsync(ProposalRow row, Purpose purpose, ServerCallContext context)
    {
        var opened = await OpenAsync(row, purpose, context);
        if (opened.IsRefused && opened.Refusal.Reason != RefusalReason.ResourceNotFound)
        {
            var names = row.Proposal.Fields.Select(number => ProposalMap.NameOf(LastOf(row), number));
            await refused.WriteAsync(context.Caller, ReadActions.Proposal, row.Name.ToString(), purpose, names, opened.Refusal, context.CancellationToken);
            throw opened.Refusal.ToException();
        }

        return opened.IsRefused || opened.Value is { IsProposer: false, View: null }
            ? row.ToProto(LastOf(row), context.Caller)
            : await audit.RunAsync(
                opened.Value,
                current => current.ToIntent(),
                (current, scope) => ShowAsync(current, scope, context.CancellationToken),
                async _ => (await OpenAsync(row, purpose, context)).OrThrow(),
                (current, newest) => newest.ShowsAs(current),
                PlanMoves,
                context);
    }

    private ResourceDefinition? LastOf(ProposalRow row) => store.Current.LastResource(new ResourceId(row.Resource));

    private async Task<Result<Look>> OpenAsync(ProposalRow row, Purpose purpose, ServerCallContext context)
    {
        // A steward sees what the department's systems may read: nobody else of it reads records.
        var system = context.Caller with { Role = Role.DepartmentSystem };
        if (!(await plans.FindAsync(system, row.Name.Record.Resource, PlanAction.Get, purpose, context.CancellationToken)).TryGetValue(out var plan, out var refusal))
        {
            return refusal;
        }

        var look = new Look(context.Caller, row, purpose, plan);
        var readable = look.Names.Where(name => plan.Plan.Resource.IndexOf(name) is var index and >= 0 && !plan.Plan.Fields[index].IsDenied).ToList();
        if (look.IsProposer || readable.Count is 0)
        {
            return look;
        }

        var view = RecordView.Of(plan, readable);
        return view.IsRefused ? view.Refusal : look with { View = view.Value };
    }

    private async Task<Result<Proto.Proposal>> ShowAsync(Look look, ReadAuditScope scope, CancellationToken cancellationToken)
    {
        var content = await ProposalContent.ReadAsync(log, look.Row, cancellationToken);
        var shown = look.View is { } view ? await ShownAsync(look, view, cancellationToken) : [.. look.Row.Proposal.Fields];
        (scope.Rows, scope.Positions) = (1, new Dictionary<int, long> { [look.Row.Partition] = content.Position });
        return look.Row.ToProto(look.Plan.Plan.Resource, content, look.Caller, shown);
    }

    // Numbers of the fields that the owner may read in this record.
    private async Task<HashSet<int>> ShownAsync(Look look, RecordView view, CancellationToken cancellationToken)
    {
        var read = look.ToRead(view);
        var now = await records.FindAsync(read, cancellationToken)
            ?? await RecordStream.ReadAsync(log, read.Name, view.Needs, cancellationToken).FoldAsync(view.Resource);
        var sight = new RecordSight(view.Plan, now);
        return sight.Look(now)
            ? [.. view.Fields.Where(index => sight.Allows(index) && !sight.IsMasked(index)).Select(index => view.Resource.Fields[index].Number)]
            : [];
    }

    // Without a view: who proposed it, or who may read none of its fields.
    private sealed record Look(Caller Caller, ProposalRow Row, Purpose Purpose, ReadPlan Plan)
    {
        public RecordView? View { get; init; }

        public bool IsProposer => Row.Proposal.Proposer == Caller.Department;

        public IEnumerable<string> Names => Row.Proposal.Fields.Select(number => ProposalMap.NameOf(Plan.Plan.Resource, number));

        public RecordRead ToRead(RecordView view) => new(Caller, Row.Name.Record, Purpose, view);

        public ReadIntent ToIntent() => View is { } view ? ToRead(view).ToIntent(ReadActions.Proposal, default) : new ReadIntent
        {
            Caller = Caller,
            Action = ReadActions.Proposal,
            Resource = Row.Resource,
            Purpose = Purpose,
            Fields = [.. Names],
            Record = Row.Name.Record.Record,
            GovernancePosition = Plan.Plan.Revision,
        };

        public bool ShowsAs(Look other) => View is null ? other.View is null : other.View is { } view && view.ShowsAs(View);
    }
}
