using System.Collections.Immutable;

namespace Exchange.Policy.Matchers;

/// <summary>What an expression is evaluated on: a request, one rule's values and its place in the list. The first failure stays.</summary>
internal ref struct MatchFrame
{
    public ReadOnlySpan<PolicyValue> Request;

    public ImmutableArray<string> Rule;

    /// <summary>Index of the rule among those of its type.</summary>
    public int RuleIndex;

    public PolicyFailure? Failure;

    /// <summary>Attributes read for an earlier rule of this request; missing where not read yet.</summary>
    public AttributeSlots Slots;

    /// <summary>Notes a failure; the value returned does not matter, the rule denies.</summary>
    public PolicyValue Fail(PolicyFailure failure)
    {
        Failure ??= failure;
        return default;
    }
}

/// <summary>A compiled expression.</summary>
internal delegate PolicyValue MatcherValue(ref MatchFrame frame);

/// <summary>A compiled condition.</summary>
internal delegate bool MatcherCondition(ref MatchFrame frame);
