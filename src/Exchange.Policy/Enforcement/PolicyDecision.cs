using System.Collections.Immutable;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Enforcement;

/// <summary>An answer with its explanation.</summary>
/// <param name="IsAllowed">The answer.</param>
/// <param name="Rules">The rules that decided, in the order of the policy; empty when the effect's default, or a matcher without rules, decided.</param>
/// <param name="Failure">What failed at run time; such a decision denies.</param>
public sealed record PolicyDecision(bool IsAllowed, ImmutableArray<PolicyRule> Rules, PolicyFailure? Failure)
{
    /// <inheritdoc/>
    public bool Equals(PolicyDecision? other) =>
        other is not null && IsAllowed == other.IsAllowed && Failure == other.Failure && Rules.AsSpan().SequenceEqual(other.Rules.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsAllowed, Failure, Rules.Length);
}
