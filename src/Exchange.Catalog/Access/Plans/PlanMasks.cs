namespace Exchange.Catalog.Access;

/// <summary>The masks of a plan as functions, by field and rule. Thread-safe.</summary>
public sealed class PlanMasks
{
    private readonly MaskDelegate?[][] _masks; // null where the value is shown as it is

    /// <summary>Compiles a plan's masks. The key, at least 16 bytes, is used by HASH_KEYED only: each reading department has its own.</summary>
    public PlanMasks(AccessPlan plan, ReadOnlyMemory<byte> hashKey)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _masks = [.. plan.Fields.Select(field => field.Rules
            .Select(rule => rule is { IsAllow: true, Mask.Hides: true } ? MaskRules.Compile(rule.Mask, field.Field.Type, hashKey) : null)
            .ToArray())];
    }

    /// <summary>True when a mask stands on what the rule allows.</summary>
    public bool IsMasked(int fieldIndex, int rule) => rule >= 0 && _masks[fieldIndex][rule] is not null;

    /// <summary>What the caller sees of a value under the rule that <see cref="PlanEvaluator.Evaluate"/> told; missing when denied.</summary>
    public FieldValue Show(int fieldIndex, int rule, in FieldValue value)
    {
        if (rule < 0)
        {
            return default;
        }

        return _masks[fieldIndex][rule] is { } mask ? mask(value) : value;
    }
}
