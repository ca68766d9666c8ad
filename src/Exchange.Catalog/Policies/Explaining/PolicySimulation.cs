using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Policies;

/// <summary>A proposed change tried out: today's answers beside those with the change. Nothing is stored. Not for concurrent use.</summary>
public sealed class PolicySimulation
{
    /// <summary>Most plans that one simulation compares.</summary>
    public const int MostPlans = 10_000;

    /// <summary>Most rows and sharing lists in one change.</summary>
    public const int MostChanges = 100;

    private static readonly ImmutableArray<PlanAction> ReadActions = [PlanAction.Pull, PlanAction.Follow];
    private static readonly ImmutableArray<Purpose> AllPurposes = [.. Enum.GetValues<Purpose>().Where(purpose => purpose is not Purpose.Unspecified)];

    private readonly GovernanceState _before;
    private readonly GovernanceState _after;
    private readonly ImmutableArray<(ResourceId Resource, DepartmentId Department)> _readers;
    private readonly ImmutableArray<PlanAction> _actions;
    private readonly ImmutableArray<Purpose> _purposes;
    private readonly string? _network;
    private readonly DateTimeOffset _now;
    private readonly ProposedChange _change;
    private readonly ImmutableArray<PolicyRow> _changedRows;
    private readonly ImmutableArray<PolicyRow> _unjudgeable;
    private readonly SortedSet<string> _unjudgedRows = new(StringComparer.Ordinal);
    private HashSet<(ResourceId Resource, DepartmentId Department)>? _readerSet;

    private PolicySimulation(GovernanceState before, GovernanceState after, ProposedChange change, SimulationScope scope, DateTimeOffset now)
    {
        (_before, _after, _change, _network, _now) = (before, after, change, scope.Network, now);
        _purposes = scope.Purposes is [] ? AllPurposes : [.. scope.Purposes.Distinct()];
        var ids = change.SetRows.Select(row => row.Id).Concat(change.RemovedRows).Distinct().ToList();
        _changedRows = [.. new[] { before, after }.SelectMany(state => ids.Select(id => state.PolicyRows.GetValueOrDefault(id.Value))).OfType<PolicyRow>()];
        _readers = [.. Readers(scope)];
        _actions =
        [
            .. ReadActions.Union(_changedRows.SelectMany(row => row.Actions).Where(action => action is not (PolicyAction.Read or PolicyAction.Administer))
                .Select(action => action.ToPlanAction()).Order()),
        ];

        // Without an address a row that asks for it fails.
        _unjudgeable = _network is null ? [.. before.PolicyRows.Values.Union(after.PolicyRows.Values).Where(row => HubModel.AsksFor(row.Condition, "network"))] : [];
    }

    /// <summary>How many plans it compares: those that the change can touch, in the scope.</summary>
    public int PlanCount => _readers.Length * _purposes.Length * _actions.Length;

    /// <summary>
    /// Ids of rows that ask for the caller's address where the scope gives none: fields that hang on them were not compared. All of them once
    /// <see cref="Compare"/> has ended.
    /// </summary>
    public IReadOnlyCollection<string> UnjudgedRows => _unjudgedRows;

    /// <summary>
    /// Makes the change on a copy of the state, by the rules that would decide on it. Refused as they refuse, with the paths of the request; with
    /// TOO_LARGE when it would compare more than <see cref="MostPlans"/>.
    /// </summary>
    public static Result<PolicySimulation> Prepare(GovernanceState state, ProposedChange change, SimulationScope scope, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(scope);
        var count = change.SetRows.Length + change.RemovedRows.Length + change.SharingLists.Length;
        if (count is 0 or > MostChanges)
        {
            return Refusal.Invalid(
                "set_rows", "COUNT", $"give 1 to {MostChanges} changes in `set_rows`, `removed_rows` and `sharing_lists` together");
        }

        var changed = Apply(state, change, now, Check(state, scope));
        if (changed.IsRefused)
        {
            return changed.Refusal;
        }

        var simulation = new PolicySimulation(state, changed.Value, change, scope, now);
        return simulation.PlanCount <= MostPlans
            ? simulation
            : Refusal.Invalid("resources", "TOO_LARGE", $"this compares {simulation.PlanCount} plans, and one call at most {MostPlans}: name departments, resources or purposes");
    }

    /// <summary>The answers that change, by resource, department, action and field; equal changes for several purposes are one.</summary>
    public IEnumerable<AnswerChange> Compare(CancellationToken cancellationToken)
    {
        foreach (var (resource, department) in _readers)
        {
            var caller = Reader(department);
            foreach (var action in _actions)
            {
                List<AnswerChange> found = [];
                foreach (var purpose in _purposes)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Add(found, caller, resource, action, purpose);
                }

                foreach (var change in found.OrderBy(change => change.Before.Field.Number))
                {
                    yield return change;
                }
            }
        }
    }

    /// <summary>False for reads that the change cannot touch, or that lie outside the scope.</summary>
    public bool Concerns(DepartmentId department, ResourceId resource, Purpose purpose) =>
        _purposes.Contains(purpose) && (_readerSet ??= [.. _readers]).Contains((resource, department));

    /// <summary>The reads that would have been answered otherwise by the answers of now with the change, those of most reads first.</summary>
    public ImmutableArray<ReadChange> CompareReads(IEnumerable<ReadGroup> groups, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var plans = new Dictionary<(DepartmentId, ResourceId, PolicyAction, Purpose), (AccessPlan Before, AccessPlan After)>();
        List<ReadChange> changes = [];
        foreach (var group in groups.Where(group => Concerns(group.Department, group.Resource, group.Purpose)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = (group.Department, group.Resource, group.Action.ToPolicyAction(), group.Purpose);
            if (!plans.TryGetValue(key, out var plan))
            {
                var caller = Reader(group.Department);
                plan = (Compile(_before, caller, group.Resource, group.Action, group.Purpose), Compile(_after, caller, group.Resource, group.Action, group.Purpose));
                plans.Add(key, plan);
            }

            if (ReadChange.Between(group, plan.Before, plan.After, field => IsJudged(plan.Before, plan.After, field)) is { } change)
            {
                changes.Add(change);
            }
        }

        return [.. changes.OrderByDescending(change => change.Group.Count).ThenByDescending(change => change.Group.LastTime)];
    }

    private bool IsJudged(AccessPlan before, AccessPlan after, FieldDefinition field)
    {
        var index = before.Resource.IndexOf(field.Number);
        return !HangsOnNetwork(before.Fields[index]) && !HangsOnNetwork(after.Fields[index]);
    }

    private Caller Reader(DepartmentId department) => new(department, new ClientId("simulation"), Role.DepartmentSystem) { Network = _network };

    private void Add(List<AnswerChange> found, Caller caller, ResourceId resource, PlanAction action, Purpose purpose)
    {
        var before = Compile(_before, caller, resource, action, purpose);
        var after = Compile(_after, caller, resource, action, purpose);
        var reader = _after.Departments[caller.Department.Value];
        foreach (var (planned, changed) in before.Fields.Zip(after.Fields))
        {
            var field = planned.Field;
            if (!MayChange(before.Resource, field))
            {
                continue;
            }

            if (HangsOnNetwork(planned) || HangsOnNetwork(changed))
            {
                _unjudgedRows.UnionWith(_unjudgeable.Where(row => PolicyReach.MayTouch(row, before.Resource, field, _after) && PolicyReach.MayConcern(row, reader, _after)).Select(row => row.Id.Value));
                continue;
            }

            var (was, becomes) = (PolicyExplanation.Of(planned), PolicyExplanation.Of(changed));
            if (was.ShowsAs(becomes))
            {
                continue;
            }

            var same = found.FindIndex(change => change.Before.Field == field && IsSame(change.Before, was) && IsSame(change.After, becomes));
            if (same >= 0)
            {
                found[same] = found[same] with { Purposes = found[same].Purposes.Add(purpose) };
            }
            else
            {
                found.Add(new(caller.Department, resource, action, [purpose], was, becomes));
            }
        }
    }

    private bool HangsOnNetwork(FieldPlan field) =>
        field.Rules.Any(rule => rule.Reason is PlanReason.RuleFailed && _unjudgeable.Any(row => row.Id.Value == rule.RuleIds[0]));

    // Also what people are told of it: the next step may name the purpose.
    private static bool IsSame(PolicyExplanation one, PolicyExplanation other) =>
        one.Rules.SequenceEqual(other.Rules) && (one.NextStep.Length is 0) == (other.NextStep.Length is 0);

    private AccessPlan Compile(GovernanceState state, Caller caller, ResourceId resource, PlanAction action, Purpose purpose) =>
        AccessPlanCompiler.Compile(state, caller, resource, action, purpose, state.Position, _now).Value;

    private static List<FieldViolation> Check(GovernanceState state, SimulationScope scope)
    {
        List<FieldViolation> violations = [];
        foreach (var (index, department) in scope.Departments.Index())
        {
            if (!state.Departments.ContainsKey(department.Value))
            {
                violations.Add(new($"departments[{index}]", "DEPARTMENT_NOT_FOUND", $"there is no department `{department}`: list the departments"));
            }
        }

        foreach (var (index, resource) in scope.Resources.Index())
        {
            if (!state.Resources.ContainsKey(resource.Value))
            {
                violations.Add(new($"resources[{index}]", "RESOURCE_NOT_FOUND", $"there is no resource `{resource}`: list the resources"));
            }
        }

        foreach (var (index, purpose) in scope.Purposes.Index())
        {
            if (!AllPurposes.Contains(purpose))
            {
                violations.Add(new($"purposes[{index}]", "UNKNOWN_VALUE", "give one of the purposes"));
            }
        }

        return violations;
    }

    // Every part of the change is decided on the state with the parts before it.
    private static Result<GovernanceState> Apply(GovernanceState state, ProposedChange change, DateTimeOffset now, List<FieldViolation> violations)
    {
        foreach (var (index, row) in change.SetRows.Index())
        {
            if (Take(PolicyRowRules.Set(state, row, now), "policy_row", $"set_rows[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var (index, row) in change.RemovedRows.Index())
        {
            if (Take(PolicyRowRules.Remove(state, null, row, "simulated", now), "reason", $"removed_rows[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var (index, list) in change.SharingLists.Index())
        {
            var entries = Merge(state, list);
            if (Take(SharingListRules.Update(state, list.Department, list.Resource, entries, ""), "sharing_list", $"sharing_lists[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        return violations.Count > 0 ? Refusal.Invalid(violations) : state;

        // A refusal that is not about the request's form ends the change.
        Refusal? Take<T>(Result<GovernanceDecision<T>> decision, string from, string to)
            where T : notnull
        {
            if (decision is { IsRefused: true, Refusal.Violations: { Count: > 0 } bad })
            {
                violations.AddRange(bad.Select(violation =>
                    violation with { Field = violation.Field.StartsWith(from, StringComparison.Ordinal) ? to + violation.Field[from.Length..] : $"{to}.{violation.Field}" }));
                return null;
            }

            if (decision.IsRefused)
            {
                return decision.Refusal;
            }

            state = decision.Value.Event is { } happened ? state.Apply(happened, state.Position + 1) : state;
            return null;
        }
    }

    // The proposed entries first, so that complaints name their places.
    private static ImmutableArray<(string Field, SharingEntry Entry)> Merge(GovernanceState state, SharingChange change)
    {
        if (!state.Resources.TryGetValue(change.Resource.Value, out var resource))
        {
            return change.Entries;
        }

        var kept = state.SharingListOf(change.Department, change.Resource).Entries
            .Where(entry => resource.TryGetField(entry.FieldNumber, out var field) && !change.Entries.Any(changed => changed.Field == field.Name))
            .Select(entry => (resource.Fields[resource.IndexOf(entry.FieldNumber)].Name, entry));
        return [.. change.Entries, .. kept];
    }

    private IEnumerable<(ResourceId Resource, DepartmentId Department)> Readers(SimulationScope scope)
    {
        // What the catalog only describes nobody reads here.
        foreach (var resource in _before.Resources.Values.Where(resource => resource.Description.IsMounted && (scope.Resources is [] || scope.Resources.Contains(resource.Id))))
        {
            var isShared = _change.SharingLists.Any(list => list.Resource == resource.Id);
            var touching = _changedRows.Where(row => PolicyReach.MayTouch(row, resource, _before)).ToList();
            foreach (var department in _before.Departments.Values.Where(department => scope.Departments is [] || scope.Departments.Contains(department.Id)))
            {
                if (isShared || touching.Exists(row => PolicyReach.MayConcern(row, department, _before)))
                {
                    yield return (resource.Id, department.Id);
                }
            }
        }
    }

    private bool MayChange(ResourceDefinition resource, FieldDefinition field) =>
        _changedRows.Any(row => PolicyReach.MayTouch(row, resource, field, _before))
        || _change.SharingLists.Any(list => list.Resource == resource.Id && list.Entries.Any(entry => entry.Field == field.Name));
}
