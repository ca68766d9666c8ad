using System.Collections.Immutable;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog.Access;

/// <summary>Says what a caller can do about a field that is withheld: which grant from whom.</summary>
internal static class NextSteps
{
    private const int MostNamed = 5;

    /// <summary>One clause for each kind of denial, in the order of the rules; empty when nothing is denied.</summary>
    public static string Write(FieldDefinition field, Purpose purpose, IEnumerable<(PlanRule Rule, ImmutableArray<DepartmentId> Owners)> denials, HubPolicy policy) =>
        string.Join("; ", denials.Select(denial => Clause(field, purpose, denial.Rule, Owner(field, denial.Owners), policy)).Distinct());

    /// <summary>What to do about a role that reads no records.</summary>
    public static string ForRole => "records are read by department systems only: use a client with that role";

    private static string Clause(FieldDefinition field, Purpose purpose, PlanRule rule, string owner, HubPolicy policy) => rule.Reason switch
    {
        PlanReason.GrantRequired => $"ask {owner} for a grant of `{field.Name}` for {PolicyWords.UpperSnake(purpose)}",
        PlanReason.NotShared => $"`{field.Name}` is not shared by {owner}: it has to change its sharing list first",
        PlanReason.Confidential => $"in confidential records `{field.Name}` is for the department that opened them only",
        PlanReason.Role => ForRole,
        PlanReason.Forbidden => $"policy row `{rule.RuleIds[0]}` forbids `{field.Name}`: ask {Setter(policy.Find(rule.RuleIds[0]))}",
        PlanReason.RuleFailed => $"a rule on `{field.Name}` could not be evaluated: ask whoever runs the hub",
        _ => $"nothing allows `{field.Name}`: ask {owner} to put it on its sharing list",
    };

    private static string Owner(FieldDefinition field, ImmutableArray<DepartmentId> owners) => field.Owner switch
    {
        OwnerRule.Department fixedOwner => $"`{fixedOwner.Id}`",
        _ when owners is { Length: > 0 and <= MostNamed } => string.Join(" or ", owners.Select(owner => $"`{owner}`")),
        OwnerRule.DepartmentField named => $"the department named in `{named.FieldName}`",
        _ => $"the department that opened the record (`{SystemAttributes.Opener.Name}`)",
    };

    private static string Setter(PolicyRow? row) => row?.Department is { } department ? $"`{department}`, which set it" : "whoever runs the hub";
}
