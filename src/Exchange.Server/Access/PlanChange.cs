using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Access;

/// <summary>What a newer plan means to somebody who reads some fields under an earlier one.</summary>
internal static class PlanChange
{
    /// <summary>
    /// RIGHT_ENDED with the rules that are gone and those that are new and forbid, when rows or fields were allowed that the newer plan no longer allows;
    /// null when none were. A mask that hides more takes no right.
    /// </summary>
    /// <param name="earlier">The plan so far.</param>
    /// <param name="later">The newer plan of the same caller, resource, action and purpose.</param>
    /// <param name="fields">Places of the read fields in the earlier plan's resource.</param>
    public static Refusal? Lost(AccessPlan earlier, AccessPlan later, ImmutableArray<int> fields)
    {
        var lost = fields.Select(index => earlier.Fields[index]).Where(field => !ConditionLogic.Implies(field.Allowed, AllowedIn(later, field))).ToList();
        if (lost.Count is 0 && ConditionLogic.Implies(earlier.RowVisible, later.RowVisible))
        {
            return null;
        }

        var of = lost.Count > 0 ? lost : [.. earlier.Fields.Where(field => !field.IsDenied)];
        var rules = EndedRules(of, later).Concat(ForbiddingRules(earlier, later, of)).ToList();

        // The hub's own rules never change: they are named where only what they ask about did, such as a sharing list.
        if (rules.Except(AllowingRules(later.Fields)).Where(rule => !new PolicyRowId(rule).IsBase).ToList() is { Count: > 0 } changed)
        {
            rules = changed;
        }

        return new Refusal(ReadReasons.RightEnded, $"the right to read this ended with a change of {string.Join(", ", rules.Select(rule => $"`{rule}`"))}")
        {
            Metadata = new Dictionary<string, string>
            {
                ["resource"] = earlier.Resource.Id.Value,
                ["fields"] = string.Join(',', of.Take(20).Select(field => field.Field.Name)),
                ["rules"] = string.Join(',', rules),
                ["revision"] = $"{later.Revision}",
            },
        };
    }

    /// <summary>True when the newer plan shows some row, or some value of these fields, that the earlier one hid.</summary>
    /// <param name="earlier">The plan so far.</param>
    /// <param name="later">The newer plan.</param>
    /// <param name="fields">Places of the read fields in the newer plan's resource.</param>
    public static bool Widens(AccessPlan earlier, AccessPlan later, ImmutableArray<int> fields)
    {
        var wider = later.WidenedFrom(earlier);
        return fields.Any(index => wider.Contains(later.Fields[index].Field.Number)) || !ConditionLogic.Implies(later.RowVisible, earlier.RowVisible);
    }

    private static Condition AllowedIn(AccessPlan plan, FieldPlan field) =>
        plan.Resource.IndexOf(field.Field.Number) is var index and >= 0 ? plan.Fields[index].Allowed : Condition.Never;

    // The rules that allowed something and allow nothing any more; where only their conditions changed, all that allowed.
    private static List<string> EndedRules(IReadOnlyList<FieldPlan> fields, AccessPlan later)
    {
        var allowed = AllowingRules(fields);
        var ended = allowed.Except(AllowingRules(later.Fields)).ToList();
        return ended.Count > 0 ? ended : allowed;
    }

    // Rules that deny rows of these fields now and did not before, or other rows.
    private static IEnumerable<string> ForbiddingRules(AccessPlan earlier, AccessPlan later, IReadOnlyList<FieldPlan> fields)
    {
        var numbers = fields.Select(field => field.Field.Number).ToHashSet();
        IEnumerable<PlanRule> Denying(AccessPlan plan) => plan.Fields.Where(field => numbers.Contains(field.Field.Number)).SelectMany(field => field.Rules).Where(rule => !rule.IsAllow);
        return Denying(later).Except(Denying(earlier)).SelectMany(rule => rule.RuleIds).Distinct().Order(StringComparer.Ordinal);
    }

    private static List<string> AllowingRules(IEnumerable<FieldPlan> fields) =>
        [.. fields.SelectMany(field => field.Rules).Where(rule => rule.IsAllow).SelectMany(rule => rule.RuleIds).Distinct().Order(StringComparer.Ordinal)];
}
