using System.Collections.Immutable;

namespace Exchange.Catalog.Access;

/// <summary>How one field is decided: the first rule whose condition holds for the row decides; none means denied.</summary>
public sealed class FieldPlan
{
    /// <summary>A plan of these rules, in their order.</summary>
    public FieldPlan(FieldDefinition field, ImmutableArray<PlanRule> rules, string nextStep)
    {
        (Field, Rules, NextStep) = (field, rules, nextStep);
        Allowed = ShownAs(_ => true);
        AllowedUnmasked = ShownAs(mask => !mask.Hides);
        Masks = [.. rules.Where(rule => rule is { IsAllow: true, Mask.Hides: true }).Select(rule => rule.Mask).Distinct()];
    }

    /// <summary>The field.</summary>
    public FieldDefinition Field { get; }

    /// <summary>The ordered rules.</summary>
    public ImmutableArray<PlanRule> Rules { get; }

    /// <summary>The grants that its rules name.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>For a field that some or all rows withhold: what to do, e.g. whom to ask for a grant. Empty otherwise.</summary>
    public string NextStep { get; }

    /// <summary>Rows in which it is allowed, masked or not.</summary>
    public Condition Allowed { get; }

    /// <summary>Rows in which it is allowed without a mask.</summary>
    public Condition AllowedUnmasked { get; }

    /// <summary>Masks that may stand on it, in the order of the rules; empty when none does.</summary>
    public ImmutableArray<Mask> Masks { get; }

    /// <summary>True when it is denied in every row.</summary>
    public bool IsDenied => Allowed is Condition.False;

    /// <summary>True when it is allowed without a mask in every row.</summary>
    public bool AllowedEverywhereUnmasked => AllowedUnmasked is Condition.True;

    /// <summary>Rows in which it is shown through a mask of which the predicate is true.</summary>
    internal Condition ShownAs(Predicate<Mask> isWanted)
    {
        var shown = new List<Condition>();
        var decidedBefore = new List<Condition>();
        foreach (var rule in Rules)
        {
            if (rule.IsAllow && isWanted(rule.Mask))
            {
                shown.Add(decidedBefore.Aggregate(rule.Condition, ConditionLogic.Except));
            }
            else
            {
                decidedBefore.Add(rule.Condition);
            }
        }

        return ConditionForm.AnyOf([.. shown]);
    }
}
