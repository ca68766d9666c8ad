using Exchange.Policy.Decisions;

namespace Exchange.Policy.Tests.Decisions;

public sealed class DecisionTests
{
    private static readonly RuleAnswer Silent = new("silent", RuleOutcome.NotApplicable);
    private static readonly RuleAnswer Allow = new("allow", RuleOutcome.Allow);
    private static readonly RuleAnswer Deny = new("deny", RuleOutcome.Deny);
    private static readonly RuleAnswer Failed = new("failed", RuleOutcome.Failed);

    [Fact]
    public void Where_nothing_allows_the_answer_is_deny() =>
        Assert.Equal(new Decision(Effect.Deny, [], "DEFAULT_DENY"), Decision.Combine([Silent]));

    [Fact]
    public void An_allow_permits_and_is_named() =>
        Assert.Equal(new Decision(Effect.Allow, ["allow"], "ALLOWED"), Decision.Combine([Silent, Allow]));

    [Fact]
    public void A_deny_overrides_every_allow_in_any_order()
    {
        var expected = new Decision(Effect.Deny, ["deny"], "DENIED");

        Assert.Equal(expected, Decision.Combine([Allow, Deny]));
        Assert.Equal(expected, Decision.Combine([Deny, Allow]));
    }

    [Fact]
    public void A_rule_that_fails_denies_whatever_the_others_say() =>
        Assert.Equal(new Decision(Effect.Deny, ["failed"], "RULE_FAILED"), Decision.Combine([Allow, Deny, Failed]));
}
