using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Exchange.Policy.Conditions;

/// <summary>A condition, or everything that is wrong with its text in the order of positions.</summary>
public sealed class ConditionParse
{
    internal ConditionParse(Condition condition) => Condition = condition;

    internal ConditionParse(IEnumerable<ConditionError> errors) => Errors = [.. errors.OrderBy(error => error.Position)];

    /// <summary>The condition in simplified form; null when there are errors.</summary>
    public Condition? Condition { get; }

    /// <summary>The errors; empty when there is a condition.</summary>
    public ImmutableArray<ConditionError> Errors { get; } = [];

    /// <summary>True when there is a condition.</summary>
    [MemberNotNullWhen(true, nameof(Condition))]
    public bool IsValid => Condition is not null;
}
