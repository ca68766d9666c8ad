using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Records.Reading;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using AccessPlan = Exchange.Catalog.Access.AccessPlan;
using PolicyAction = Exchange.Protos.V1.PolicyAction;
using Purpose = Exchange.Catalog.Purpose;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Policies;

/// <summary>
/// Explains what a department's machines may read, from the very plans that they read under. No value is shown, but that a record is there is: who
/// explains one stands in the trail as who reads one does.
/// </summary>
internal sealed class PolicyExplainer(GovernanceStore governance, ReadPlans plans, EventLog log, IReadAudit audit, RefusedReads refused)
{
    private static readonly Refusal PlanMoves = new(
        new("PLAN_CHANGED", RefusalKind.Unavailable), "the policies changed again and again while they were explained: try again");

    /// <summary>Explains a resource, or one record of it.</summary>
    public async Task<ExplainResponse> ExplainAsync(ExplainRequest request, ServerCallContext context)
    {
        var (caller, purpose, cancellationToken) = (context.Caller, (Purpose)request.Purpose, context.CancellationToken);
        var asked = await FindAsync(request, caller, purpose, cancellationToken);
        if (asked.IsRefused)
        {
            await refused.WriteAsync(caller, ReadActions.Explain, request.Resource, purpose, [], asked.Refusal, cancellationToken);
            throw asked.Refusal.ToException();
        }

        // Of a record is told what holds now, to somebody who may ask now.
        return await audit.RunAsync<(ReadPlan Plan, HubPolicy Policy, RecordName? Record), ExplainResponse>(
            asked.Value,
            read => Intent(caller, read.Plan.Plan, read.Record),
            async (read, scope) => read.Record is { } name ? await ExplainAsync(read.Plan, read.Policy, name, scope, cancellationToken) : Explain(read.Plan.Plan),
            async read => read.Record is null ? read : (await FindAsync(request, caller, purpose, cancellationToken)).OrThrow(),
            (read, newest) => DecidesAs(newest.Plan.Plan, read.Plan.Plan),
            PlanMoves,
            context);
    }

    private static bool DecidesAs(AccessPlan newest, AccessPlan plan) => ReferenceEquals(newest, plan)
        || (ReferenceEquals(newest.Resource, plan.Resource) && newest.Fields.Zip(plan.Fields).All(pair => pair.First.Rules.SequenceEqual(pair.Second.Rules)));

    private static ReadIntent Intent(Caller caller, AccessPlan plan, RecordName? record) => new()
    {
        Caller = caller,
        Action = ReadActions.Explain,
        Resource = plan.Resource.Id.Value,
        Purpose = plan.Purpose,
        Record = record?.Record,
        ExplainedDepartment = plan.Caller,
        GovernancePosition = plan.Revision,
    };

    private static ExplainResponse Explain(AccessPlan plan) => Answer(plan, plan.Fields.Select(PolicyExplanation.Of));

    private async Task<ExplainResponse> ExplainAsync(ReadPlan plan, HubPolicy policy, RecordName name, ReadAuditScope scope, CancellationToken cancellationToken)
    {
        var fold = await RecordStream.ReadAsync(log, name, plan.Plan.ConditionNumbers.Contains, cancellationToken).FoldAsync(plan.Plan.Resource);
        if (fold.Version is 0 || !plan.Evaluator.Evaluate(fold, new short[plan.Plan.Fields.Length]))
        {
            throw NotFound(name, plan.Plan.Caller).ToException();
        }

        (scope.Rows, scope.Positions) = (1, new Dictionary<int, long> { [log.Partitions.ForRecord(name.Record.Value)] = fold.Position });
        return Answer(plan.Plan, plan.Plan.Fields.Select(field => PolicyExplanation.Of(plan.Plan, field, fold, policy)));
    }

    private static ExplainResponse Answer(AccessPlan plan, IEnumerable<PolicyExplanation> fields) => new()
    {
        Revision = plan.Revision,
        ExpireTime = Timestamps.Write(plan.ExpireTime),
        VisibleRecords = plan.RowVisible is Condition.True ? "" : ConditionPrinter.Print(plan.RowVisible),
        Fields = { fields.Select(field => field.ToProto()) },
    };

    private async Task<Result<(ReadPlan Plan, HubPolicy Policy, RecordName? Record)>> FindAsync(
        ExplainRequest request, Caller caller, Purpose purpose, CancellationToken cancellationToken)
    {
        var form = Parse(request);
        if (form.IsRefused)
        {
            return form.Refusal;
        }

        var (department, resource, action, record, network) = form.Value;
        var state = await governance.ConfirmAsync(cancellationToken);
        if (state.IsRefused)
        {
            return state.Refusal;
        }

        if (!MayAsk(caller, department, resource, state.Value))
        {
            return PolicyReasons.NotToBeExplained(department, resource);
        }

        if (Lookup.Department(state.Value, department) is { Refusal: { } unknown })
        {
            return unknown;
        }

        // Whatever the asker's role is: records are read by the department's machines.
        var reader = new Caller(department, caller.Client, Role.DepartmentSystem) { Network = network ?? (caller.Department == department ? caller.Network : null) };
        var plan = plans.Find(state.Value, reader, resource, action, purpose, isAddressMadeUp: network is not null);
        return plan.IsRefused ? plan.Refusal : (plan.Value, state.Value.Policy, record);
    }

    private static bool MayAsk(Caller caller, DepartmentId department, ResourceId resource, GovernanceState state) =>
        GovernanceRoles.RequireMember(caller, department) is null
        || (caller.Role is Role.Steward && state.Resources.TryGetValue(resource.Value, out var definition) && definition.Department == caller.Department);

    // All that is wrong with the request's form at once.
    private static Result<(DepartmentId Department, ResourceId Resource, PlanAction Action, RecordName? Record, string? Network)> Parse(ExplainRequest request)
    {
        List<FieldViolation> violations = [];
        var department = ResourceNames.Department("department", request.Department);
        var resource = ResourceNames.Resource("resource", request.Resource);
        violations.AddRange(department.Refusal?.Violations ?? []);
        violations.AddRange(resource.Refusal?.Violations ?? []);
        var action = request.Action is PolicyAction.Unspecified ? PlanAction.Get : ((Exchange.Catalog.PolicyAction)request.Action).ToPlanAction();
        if (action is PlanAction.Unspecified)
        {
            violations.Add(new("action", "UNKNOWN_VALUE", "give READ, FOLLOW, MATCH, EXPORT, WRITE or PROPOSE: access plans are made for these"));
        }

        RecordName? record = null;
        if (request.Record.Length > 0 && action is PlanAction.Write or PlanAction.Propose)
        {
            // A push may touch records that the department may not see.
            violations.Add(new("record", "NOT_APPLICABLE", "a record is explained for reading: leave it out, the rules say of which records they hold"));
        }
        else if (request.Record.Length > 0)
        {
            var name = RecordName.Parse(request.Record);
            if (name.IsRefused)
            {
                violations.AddRange(name.Refusal.Violations.Select(violation => violation with { Field = "record" }));
            }
            else if (!resource.IsRefused && name.Value.Resource != resource.Value)
            {
                violations.Add(new("record", "OTHER_RESOURCE", $"must be a record of `{request.Resource}`"));
            }
            else
            {
                record = name.Value;
            }
        }

        var network = CallerAddress.Parse("network", request.Network);
        violations.AddRange(network.Refusal?.Violations ?? []);
        return violations.Count > 0 ? Refusal.Invalid(violations) : (department.Value, resource.Value, action, record, network.Value.Length > 0 ? network.Value : null);
    }

    // Hidden and absent records answer alike.
    private static Refusal NotFound(RecordName name, DepartmentId department) => new(RefusalReason.RecordNotFound, $"there is no record `{name}` that `{department}` may see")
    {
        Metadata = new Dictionary<string, string> { ["record"] = name.ToString(), ["department"] = department.Value },
    };
}
