using System.Collections.Immutable;

namespace Exchange.Policy.Decisions;

/// <summary>An answer to "may I?", with the ids of the rules that made it and a stable UPPER_SNAKE reason.</summary>
public sealed record Decision(Effect Effect, ImmutableArray<string> RuleIds, string Reason)
{
    /// <summary>Reason of a decision that a rule allowed.</summary>
    public const string Allowed = "ALLOWED";

    /// <summary>Reason of a decision that a rule denied.</summary>
    public const string Denied = "DENIED";

    /// <summary>Reason of a decision that no rule allowed.</summary>
    public const string DefaultDeny = "DEFAULT_DENY";

    /// <summary>Reason of a decision in which a rule failed.</summary>
    public const string RuleFailed = "RULE_FAILED";

    /// <summary>True when permitted.</summary>
    public bool IsAllowed => Effect is Effect.Allow;

    /// <summary>
    /// Combines what the applicable rules said: a rule that failed denies, a deny overrides every allow, and where nothing
    /// allows the answer is deny.
    /// </summary>
    public static Decision Combine(ReadOnlySpan<RuleAnswer> answers)
    {
        if (Pick(answers, RuleOutcome.Failed) is { IsEmpty: false } failed)
        {
            return new(Effect.Deny, failed, RuleFailed);
        }

        if (Pick(answers, RuleOutcome.Deny) is { IsEmpty: false } denied)
        {
            return new(Effect.Deny, denied, Denied);
        }

        return Pick(answers, RuleOutcome.Allow) is { IsEmpty: false } allowed
            ? new(Effect.Allow, allowed, Allowed)
            : new(Effect.Deny, [], DefaultDeny);
    }

    /// <inheritdoc/>
    public bool Equals(Decision? other) =>
        other is not null && Effect == other.Effect && Reason == other.Reason && RuleIds.AsSpan().SequenceEqual(other.RuleIds.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Effect, Reason, RuleIds.Length);

    private static ImmutableArray<string> Pick(ReadOnlySpan<RuleAnswer> answers, RuleOutcome outcome)
    {
        var ids = ImmutableArray.CreateBuilder<string>();
        foreach (var answer in answers)
        {
            if (answer.Outcome == outcome)
            {
                ids.Add(answer.RuleId);
            }
        }

        return ids.ToImmutable();
    }
}
