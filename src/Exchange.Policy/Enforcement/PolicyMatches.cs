using System.Collections.Immutable;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Enforcement;

/// <summary>All rules that match a request, whatever they decide. Made for those who combine them with what a request cannot tell.</summary>
/// <param name="Rules">The matching rules, each once, in the order of the policy.</param>
/// <param name="Failure">The first rule's failure at run time; null when none failed. Where one did, the request is denied.</param>
/// <param name="FailedRule">The rule that failed first; null when none did, or when the request itself was at fault.</param>
public sealed record PolicyMatches(ImmutableArray<PolicyRule> Rules, PolicyFailure? Failure, PolicyRule? FailedRule)
{
    /// <inheritdoc/>
    public bool Equals(PolicyMatches? other) =>
        other is not null && Failure == other.Failure && FailedRule == other.FailedRule && Rules.AsSpan().SequenceEqual(other.Rules.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Failure, FailedRule, Rules.Length);
}
