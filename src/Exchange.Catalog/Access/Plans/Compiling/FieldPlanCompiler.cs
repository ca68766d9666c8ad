using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>
/// Compiles the plan of one field after the other: asks the policy for every owner the field may have, once for the records
/// that no grant covers and once for those that one does. Owners exclude each other, so only the order within one matters.
/// </summary>
internal sealed class FieldPlanCompiler(
    GovernanceState state, CallerAttributes caller, ResourceDefinition resource, PolicyAction action, Purpose purpose, ContextAttributes context,
    ImmutableArray<Grant> grants)
{
    private readonly OwnerCases _cases = new(state, caller, resource, action);
    private readonly CaseCompiler _compiler = new(state.Policy, caller, resource, action, context);

    /// <summary>The earliest end of a grant used so far.</summary>
    public DateTimeOffset? ExpireTime { get; private set; }

    /// <summary>Compiles a field. A grant that cannot be read denies the field in every row, a policy row wherever it counts.</summary>
    public FieldPlan Compile(FieldDefinition field)
    {
        var grantsOfField = grants.Where(grant => grant.Owner != caller.Department && grant.Fields.Contains(field.Name)).ToList();
        var rules = new RuleList();
        if (_cases.IsUnknown(field))
        {
            rules.Add(Deny(BaseRules.OwnerReadsOwn, PlanReason.RuleFailed), []);
        }
        else
        {
            var cases = _cases.Of(field, grantsOfField);
            if (Unreadable(field, cases) is { } unreadable)
            {
                rules.Add(Deny(unreadable.Name, PlanReason.RuleFailed), []);
                RelyOn(grantsOfField); // whichever of them failed, it ends
            }
            else
            {
                AddCases([.. cases.Select(one => new Answer(
                    one, _compiler.Compile(field, one, isGranted: false), one.Grants.IsEmpty ? null : _compiler.Compile(field, one, isGranted: true)))], rules);
            }
        }

        ImmutableArray<Grant> used = [.. grantsOfField.Where(rules.Uses)];
        RelyOn(used);
        return new(field, rules.ToImmutable(), NextSteps.Write(field, purpose, rules.Denials(), state.Policy, context.IsFromNowhere)) { Grants = used };
    }

    private void AddCases(ImmutableArray<Answer> answers, RuleList rules)
    {
        var common = CommonForbids(answers);
        foreach (var forbid in common)
        {
            rules.Add(forbid, []);
        }

        // Owners of which the same is said as of everybody else are left to that, the others are taken together; the caller stands
        // first, with those of which the same is said, but for owners whose grants must be asked before.
        var decided = answers.Select(answer => (answer.Case, Rules: Complete(answer.Ungranted, common, answer.Case))).ToList();
        var (rest, byDefault) = decided[^1];
        var told = decided.SkipLast(1)
            .Where(item => !item.Rules.AsSpan().SequenceEqual(byDefault.AsSpan()))
            .ToLookup(item => item.Case.Grants.IsEmpty && item.Rules.AsSpan().SequenceEqual(decided[0].Rules.AsSpan()));
        AddGroups(told[true], rules);
        foreach (var (one, _, granted) in answers)
        {
            if (granted is not null)
            {
                AddGranted(one, CompleteGranted(granted.Value, common, one), rules);
            }
        }

        AddGroups(told[false], rules);
        foreach (var rule in byDefault)
        {
            rules.Add(rule, rest.Owner is { } owner ? [owner] : []);
        }
    }

    private static void AddGroups(IEnumerable<(OwnerCase Case, ImmutableArray<PlanRule> Rules)> told, RuleList rules)
    {
        foreach (var group in told.GroupBy(item => item.Rules, item => item.Case, RulesComparer.Instance))
        {
            var where = ConditionForm.AnyOf([.. group.Select(one => one.Where)]);
            var owners = group.Select(one => one.Owner!.Value).ToImmutableArray();
            foreach (var rule in group.Key)
            {
                rules.Add(rule with { Condition = ConditionForm.AllOf(where, rule.Condition) }, owners);
            }
        }
    }

    private void AddGranted(OwnerCase one, ImmutableArray<PlanRule> granted, RuleList rules)
    {
        Condition? covered = null;
        foreach (var rule in granted)
        {
            // A grant's rule says itself which records it covers; any other rule hangs on all grants.
            var where = rule.Reason is PlanReason.Granted ? one.Where : ConditionForm.AllOf(one.Where, covered ??= Covered(one));
            rules.Add(rule with { Condition = ConditionForm.AllOf(where, rule.Condition) }, [one.Owner!.Value]);
            RelyOn(rule.Reason is PlanReason.Granted ? [] : one.Grants);
        }
    }

    private Condition Covered(OwnerCase one) => ConditionForm.AnyOf([.. one.Grants.Select(grant => _compiler.FilterOf(grant)!)]);

    // What every case forbids stands once, before all of them. A case that failed forbids everything.
    private static ImmutableArray<PlanRule> CommonForbids(ImmutableArray<Answer> answers)
    {
        var lists = answers.SelectMany(answer => answer.Granted is { } granted ? [answer.Ungranted, granted] : new[] { answer.Ungranted })
            .Where(list => list is not [{ Reason: PlanReason.RuleFailed }])
            .ToList();
        return lists is [] ? [] : [.. lists[0].Where(rule => !rule.IsAllow && lists.TrueForAll(list => list.Contains(rule)))];
    }

    // Ends with a rule that holds for every record.
    private ImmutableArray<PlanRule> Complete(ImmutableArray<PlanRule> rules, ImmutableArray<PlanRule> common, OwnerCase one)
    {
        var complete = ImmutableArray.CreateBuilder<PlanRule>();
        foreach (var rule in rules.Where(rule => !common.Contains(rule)))
        {
            complete.Add(rule);
            if (rule.Condition is Condition.True)
            {
                return complete.ToImmutable();
            }
        }

        complete.Add((action, one.Entry.SharingClass) switch
        {
            (PolicyAction.Write, _) => Deny(BaseRules.OwnerWritesOwn, PlanReason.NotOwner),
            (PolicyAction.Propose, _) => Deny(BaseRules.OthersPropose, PlanReason.Owner),
            (_, SharingClass.Conditional) => Deny(BaseRules.ConditionalGrant, PlanReason.GrantRequired),
            (_, SharingClass.NotShared) => Deny(BaseRules.NotShared, PlanReason.NotShared),
            _ => Deny(BaseRules.DefaultDeny, PlanReason.DefaultDeny),
        });
        return complete.ToImmutable();
    }

    // The grants' rules cover every record that a grant covers.
    private ImmutableArray<PlanRule> CompleteGranted(ImmutableArray<PlanRule> rules, ImmutableArray<PlanRule> common, OwnerCase one)
    {
        var complete = Complete(rules, common, one);
        var last = complete.Index().LastOrDefault(item => item.Item.Reason is PlanReason.Granted, (-1, default)).Index;
        return last < 0 ? complete : complete[..(last + 1)];
    }

    private Grant? Unreadable(FieldDefinition field, ImmutableArray<OwnerCase> cases)
    {
        foreach (var one in cases)
        {
            foreach (var grant in one.Grants)
            {
                if (_compiler.FilterOf(grant) is null || MaskRules.Check(grant.Mask.Or(one.Entry.Mask).Or(Mask.None), field.Type) is not null)
                {
                    return grant;
                }
            }
        }

        return null;
    }

    private void RelyOn(IEnumerable<Grant> used)
    {
        foreach (var grant in used)
        {
            ExpireTime = ExpireTime is null || grant.ExpireTime < ExpireTime ? grant.ExpireTime : ExpireTime;
        }
    }

    private static PlanRule Deny(string ruleId, string reason) => new(Condition.Always, RuleEffect.Deny, default, [ruleId], reason);

    private sealed record Answer(OwnerCase Case, ImmutableArray<PlanRule> Ungranted, ImmutableArray<PlanRule>? Granted);

    private sealed class RulesComparer : IEqualityComparer<ImmutableArray<PlanRule>>
    {
        public static RulesComparer Instance { get; } = new();

        public bool Equals(ImmutableArray<PlanRule> x, ImmutableArray<PlanRule> y) => x.AsSpan().SequenceEqual(y.AsSpan());

        public int GetHashCode(ImmutableArray<PlanRule> obj) => HashCode.Combine(obj.Length, obj[0]);
    }
}
