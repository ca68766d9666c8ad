using System.Collections.Immutable;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>
/// Runs a plan on rows in memory. Allocates nothing for a row: every distinct condition is evaluated at most once, and fields
/// with the same rules are decided together. Thread-safe.
/// </summary>
public sealed class PlanEvaluator
{
    /// <summary>Stands for a field that is denied.</summary>
    public const short Denied = -1;

    private const int MostOnStack = 1_024;

    private readonly Condition[] _conditions;
    private readonly Step[][] _groups;
    private readonly ushort[] _groupOfField;

    /// <summary>Prepares a plan.</summary>
    public PlanEvaluator(AccessPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Plan = plan;
        var conditions = new Dictionary<Condition, int>();
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        var steps = new List<Step[]>();
        _groupOfField = new ushort[plan.Fields.Length];
        foreach (var (index, field) in plan.Fields.Index())
        {
            var steppedThrough = field.Rules.Select(rule => new Step(NumberOf(rule.Condition), rule.IsAllow)).ToArray();
            var key = string.Join(' ', steppedThrough);
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = steps.Count);
                steps.Add(steppedThrough);
            }

            _groupOfField[index] = (ushort)group;
        }

        (_conditions, _groups) = ([.. conditions.OrderBy(item => item.Value).Select(item => item.Key)], [.. steps]);

        int NumberOf(Condition condition)
        {
            if (!conditions.TryGetValue(condition, out var number))
            {
                conditions.Add(condition, number = conditions.Count);
            }

            return number;
        }
    }

    /// <summary>The plan.</summary>
    public AccessPlan Plan { get; }

    /// <summary>
    /// Decides every field of the row: the index of the rule that allows it, or <see cref="Denied"/>. False when no field is
    /// allowed: then the row is not there.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="rules">Gets a rule index for each of the plan's fields.</param>
    public bool Evaluate<TRow>(in TRow row, Span<short> rules)
        where TRow : IRow, allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rules.Length, _groupOfField.Length);
        Span<byte> known = _conditions.Length <= MostOnStack ? stackalloc byte[_conditions.Length] : new byte[_conditions.Length];
        Span<short> decided = stackalloc short[_groups.Length];
        var isVisible = false;
        for (var group = 0; group < _groups.Length; group++)
        {
            decided[group] = Decide(_groups[group], row, known);
            isVisible |= decided[group] is not Denied;
        }

        for (var field = 0; field < _groupOfField.Length; field++)
        {
            rules[field] = decided[_groupOfField[field]];
        }

        return isVisible;
    }

    private short Decide<TRow>(Step[] steps, in TRow row, Span<byte> known)
        where TRow : IRow, allows ref struct
    {
        for (var index = 0; index < steps.Length; index++)
        {
            var (condition, isAllow) = steps[index];
            if (known[condition] is 0)
            {
                known[condition] = ConditionEvaluator.Holds(_conditions[condition], row) ? (byte)2 : (byte)1;
            }

            if (known[condition] is 2)
            {
                return isAllow ? (short)index : Denied;
            }
        }

        return Denied;
    }

    private readonly record struct Step(int Condition, bool IsAllow);
}
