using System.Collections.Immutable;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>
/// One rule of a field's plan: where its condition holds and no earlier rule's does, it decides. The mask stands on what it
/// allows. The reason is one of <see cref="PlanReason"/>; the ids name every policy rule and grant that made it.
/// </summary>
public readonly record struct PlanRule(Condition Condition, RuleEffect Effect, Mask Mask, ImmutableArray<string> RuleIds, string Reason)
{
    /// <summary>True when it allows.</summary>
    public bool IsAllow => Effect is RuleEffect.Allow;

    /// <inheritdoc/>
    public bool Equals(PlanRule other) => Condition.Equals(other.Condition) && HasOutcomeOf(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Condition, Effect, Mask, Reason);

    /// <summary>True when the other rule decides the same by the same rules, whatever their conditions.</summary>
    internal bool HasOutcomeOf(PlanRule other) =>
        Effect == other.Effect && Mask == other.Mask && Reason == other.Reason && RuleIds.AsSpan().SequenceEqual(other.RuleIds.AsSpan());
}
