using System.Collections.Immutable;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>Says what a caller can do about a field that is withheld: which grant from whom.</summary>
internal static class NextSteps
{
    private const int MostNamed = 5;

    /// <summary>One clause for each kind of denial, in the order of the rules; empty when nothing is denied.</summary>
    public static string Write(
        FieldDefinition field, Purpose purpose, IEnumerable<(PlanRule Rule, ImmutableArray<DepartmentId> Owners)> denials, HubPolicy policy, bool isFromNowhere) =>
        string.Join("; ", denials.Select(denial => Clause(field, purpose, denial.Rule, Owner(field, denial.Owners), policy, isFromNowhere)).Distinct());

    /// <summary>The clause of the rule that denied a field of one record; null when none decided it. What is permitted needs no step.</summary>
    public static string Write<TRow>(AccessPlan plan, FieldDefinition field, PlanRule? decided, in TRow row, HubPolicy policy)
        where TRow : IRow, allows ref struct
    {
        var rule = decided ?? new(Condition.Always, RuleEffect.Deny, default, [BaseRules.DefaultDeny], PlanReason.DefaultDeny);
        ImmutableArray<DepartmentId> owners = field.Owner is OwnerRule.Opener && row.Get(SystemAttributes.Opener.Number) is { IsMissing: false } opener ? [new(opener.AsText)] : [];
        return rule.IsAllow ? "" : Clause(field, plan.Purpose, rule, Owner(field, owners), policy, plan.IsFromNowhere);
    }

    /// <summary>What to do about a role that reads no records.</summary>
    public static string ForRole => "records are read and pushed by department systems only: use a client with that role";

    /// <summary>Who can do something about a row.</summary>
    public static string Setter(PolicyRow? row) => row?.Department is { } department ? $"`{department}`, which set it" : "whoever runs the hub";

    private static string Clause(FieldDefinition field, Purpose purpose, PlanRule rule, string owner, HubPolicy policy, bool isFromNowhere) => rule.Reason switch
    {
        PlanReason.GrantRequired => $"ask {owner} for a grant of `{field.Name}` for {PolicyWords.UpperSnake(purpose)}",
        PlanReason.NotShared => $"`{field.Name}` is not shared by {owner}: it has to change its sharing list first",
        PlanReason.Confidential => $"in confidential records `{field.Name}` is for the department that opened them only",
        PlanReason.NotOwner when field.Role is FieldRole.ConfidentialityFlag => $"you may set `{field.Name}`; only {owner} lifts it",
        PlanReason.NotOwner => $"`{field.Name}` is written by {owner}: propose the value instead",
        PlanReason.Owner => $"you own `{field.Name}`: write it instead",
        PlanReason.Role => ForRole,
        PlanReason.Forbidden => $"policy row `{rule.RuleIds[0]}` forbids `{field.Name}`: ask {Setter(policy.Find(rule.RuleIds[0]))}",
        PlanReason.RuleFailed when isFromNowhere && policy.Find(rule.RuleIds[0]) is { } asking && HubModel.AsksFor(asking.Condition, "network") =>
            $"policy row `{asking.Id}` asks for the caller's address: name the one to explain",
        PlanReason.RuleFailed =>
            $"`{rule.RuleIds[0]}` could not be evaluated for `{field.Name}`: ask {(policy.Find(rule.RuleIds[0]) is { } row ? Setter(row) : "the department that gave it")}",
        _ => $"nothing allows `{field.Name}`: ask {owner} to put it on its sharing list",
    };

    private static string Owner(FieldDefinition field, ImmutableArray<DepartmentId> owners) => field.Owner switch
    {
        OwnerRule.Department fixedOwner => $"`{fixedOwner.Id}`",
        _ when owners is { Length: > 0 and <= MostNamed } => string.Join(" or ", owners.Select(owner => $"`{owner}`")),
        OwnerRule.DepartmentField named => $"the department named in `{named.FieldName}`",
        _ => $"the department that opened the record (`{SystemAttributes.Opener.Name}`)",
    };
}
