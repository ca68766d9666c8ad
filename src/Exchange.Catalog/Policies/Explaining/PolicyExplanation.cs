using System.Collections.Immutable;
using Exchange.Catalog.Access;

namespace Exchange.Catalog.Policies;

/// <summary>How one field is decided, by which rules, and what to do where it is withheld: a field's plan as people are told it.</summary>
public sealed class PolicyExplanation
{
    private readonly FieldPlan _plan;

    private PolicyExplanation(FieldPlan plan, FieldAnswer answer, ImmutableArray<PlanRule> rules) =>
        (_plan, Answer, Rules, NextStep) = (plan, answer, rules, answer is FieldAnswer.Shown or FieldAnswer.Masked ? "" : plan.NextStep);

    /// <summary>The field.</summary>
    public FieldDefinition Field => _plan.Field;

    /// <summary>The answer; of one record never <see cref="FieldAnswer.ByRecord"/>.</summary>
    public FieldAnswer Answer { get; }

    /// <summary>The ordered rules; of one record the one that decided, none where none did.</summary>
    public ImmutableArray<PlanRule> Rules { get; }

    /// <summary>What to do where some or all of the records asked about withhold it; empty otherwise.</summary>
    public string NextStep { get; private init; }

    /// <summary>Explains a field of any record.</summary>
    public static PolicyExplanation Of(FieldPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new(plan, AnswerOf(plan), plan.Rules);
    }

    /// <summary>Explains a field of one record.</summary>
    public static PolicyExplanation Of<TRow>(FieldPlan plan, in TRow row)
        where TRow : IRow, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var rule in plan.Rules)
        {
            if (ConditionEvaluator.Holds(rule.Condition, row))
            {
                var answer = !rule.IsAllow || rule.Mask.Kind is MaskKind.Null ? FieldAnswer.Withheld : rule.Mask.Hides ? FieldAnswer.Masked : FieldAnswer.Shown;
                return new(plan, answer, [rule]);
            }
        }

        return new(plan, FieldAnswer.Withheld, []);
    }

    /// <summary>As the other, with the next step that the rule which decided leaves, and whom it is about in this record.</summary>
    public static PolicyExplanation Of<TRow>(AccessPlan plan, FieldPlan field, in TRow row, HubPolicy policy)
        where TRow : IRow, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(policy);
        var explained = Of(field, row);
        return explained.NextStep.Length is 0 ? explained : new(field, explained.Answer, explained.Rules)
        {
            NextStep = NextSteps.Write(plan, field.Field, explained.Rules is [var decided] ? decided : null, row, policy),
        };
    }

    /// <summary>
    /// True when readers get the same of the field in every record, by whichever rules. Conservative: false also where that cannot be told.
    /// </summary>
    public bool ShowsAs(PolicyExplanation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _plan.Rules.SequenceEqual(other._plan.Rules)
            || (IsShownAs(other, mask => !mask.Hides)
                && _plan.Masks.Union(other._plan.Masks).Where(mask => mask.Kind is not MaskKind.Null).All(wanted => IsShownAs(other, mask => mask == wanted)));
    }

    private bool IsShownAs(PolicyExplanation other, Predicate<Mask> isWanted)
    {
        var (here, there) = (_plan.ShownAs(isWanted), other._plan.ShownAs(isWanted));
        return ConditionLogic.Implies(here, there) && ConditionLogic.Implies(there, here);
    }

    private static FieldAnswer AnswerOf(FieldPlan plan)
    {
        var shown = plan.ShownAs(mask => mask.Kind is not MaskKind.Null);
        return (shown, plan) switch
        {
            (Condition.False, _) => FieldAnswer.Withheld,
            (_, { AllowedEverywhereUnmasked: true }) => FieldAnswer.Shown,
            (Condition.True, { AllowedUnmasked: Condition.False, Masks: [_] }) => FieldAnswer.Masked,
            _ => FieldAnswer.ByRecord,
        };
    }
}
