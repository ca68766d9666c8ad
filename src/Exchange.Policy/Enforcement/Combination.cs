using System.Collections.Immutable;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Enforcement;

/// <summary>
/// Combines what the matching rules say, which may arrive in any order. A rule that failed denies; under a priority effect only
/// when no rule before it decided.
/// </summary>
internal ref struct Combination(PolicyEffect effect, bool canFail, List<int>? matched)
{
    private int firstAllow = int.MaxValue;
    private int firstDeny = int.MaxValue;
    private int firstFailure = int.MaxValue;
    private PolicyFailure? failure;

    /// <summary>Rules from this place on cannot change the answer.</summary>
    public readonly int Horizon => IsOrdered && matched is null ? Math.Min(firstFailure, Math.Min(firstAllow, firstDeny)) : int.MaxValue;

    public readonly PolicyFailure? Failure => !IsOrdered || firstFailure < Math.Min(firstAllow, firstDeny) ? failure : null;

    /// <summary>The failure of the first rule that failed, whether or not it matters to the answer.</summary>
    public readonly PolicyFailure? AnyFailure => failure;

    /// <summary>The place of the first rule that failed; not a rule's place where none did.</summary>
    public readonly int FirstFailure => firstFailure;

    public readonly bool IsAllowed => Failure is null && effect switch
    {
        PolicyEffect.AllowOverride => firstAllow != int.MaxValue,
        PolicyEffect.DenyOverride => firstDeny == int.MaxValue,
        PolicyEffect.AllowAndDeny => firstAllow != int.MaxValue && firstDeny == int.MaxValue,
        _ => firstAllow < firstDeny,
    };

    private readonly bool IsOrdered => effect is PolicyEffect.Priority or PolicyEffect.SubjectPriority;

    /// <summary>Adds a rule that matches. True when the answer is certain.</summary>
    public bool Match(int place, RuleEffect said)
    {
        if (said is RuleEffect.Indeterminate)
        {
            return false;
        }

        matched?.Add(place);
        if (said is RuleEffect.Allow)
        {
            firstAllow = Math.Min(firstAllow, place);
            return effect is PolicyEffect.AllowOverride && !canFail && matched is null;
        }

        // Nothing that follows, not even a failure, allows what one rule denied.
        firstDeny = Math.Min(firstDeny, place);
        return effect is PolicyEffect.DenyOverride or PolicyEffect.AllowAndDeny && matched is null;
    }

    /// <summary>Adds a rule that failed. True when the answer is certain.</summary>
    public bool Fail(int place, PolicyFailure reason)
    {
        if (place < firstFailure)
        {
            (firstFailure, failure) = (place, reason);
        }

        return !IsOrdered && matched is null;
    }

    /// <summary>The places of the rules that decided.</summary>
    public readonly IEnumerable<int> Deciding(ImmutableArray<RuleEffect> effects)
    {
        if (Failure is not null)
        {
            return [firstFailure];
        }

        if (IsOrdered)
        {
            return Math.Min(firstAllow, firstDeny) is var first and not int.MaxValue ? [first] : [];
        }

        var wanted = effect is PolicyEffect.AllowOverride || (effect is PolicyEffect.AllowAndDeny && IsAllowed) ? RuleEffect.Allow : RuleEffect.Deny;
        return (matched ?? []).Where(place => place < effects.Length && effects[place] == wanted).Distinct().Order();
    }
}
