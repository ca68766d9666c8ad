using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Identity;

public class SigningKeyRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_key_signs_at_once_and_there_is_one_first_key()
    {
        var state = After(GovernanceState.Empty, SigningKeyRules.AddFirst(GovernanceState.Empty, Key("a"), Start));

        var second = SigningKeyRules.AddFirst(state, Key("b"), Start).Value;

        Assert.Equal("a", state.SigningKeys.Signing(Start)?.Id);
        Assert.Equal(("a", null), (second.Value.Id, second.Event));
        Assert.Null(SigningKeyRing.Empty.Signing(Start));
    }

    [Theory]
    [InlineData(0, "a", "ab")]
    [InlineData(9, "a", "ab")]
    [InlineData(10, "b", "ab")]
    [InlineData(20, "b", "ab")]
    [InlineData(21, "b", "b")]
    public void A_planned_key_is_published_before_it_signs_and_the_older_one_is_accepted_after_it_signed_last(int minutes, string signs, string accepted)
    {
        var state = After(Begun(), SigningKeyRules.Rotate(Begun(), Key("b"), atOnce: false, Start));
        var now = Start.AddMinutes(minutes);

        Assert.Equal(signs, state.SigningKeys.Signing(now)?.Id);
        Assert.Equal(accepted, string.Concat(state.SigningKeys.Accepted(now).Select(key => key.Id)));
    }

    [Fact]
    public void A_key_added_at_once_ends_every_older_one_also_the_one_that_waits()
    {
        var waiting = After(Begun(), SigningKeyRules.Rotate(Begun(), Key("b"), atOnce: false, Start));
        var ended = After(waiting, SigningKeyRules.Rotate(waiting, Key("c"), atOnce: true, Start.AddMinutes(3)));

        Assert.Equal(["c"], ended.SigningKeys.Accepted(Start.AddMinutes(3)).Select(key => key.Id));
        Assert.Equal("c", ended.SigningKeys.Signing(Start.AddMinutes(15))?.Id);
        Assert.Equal(Start.AddMinutes(3), ended.SigningKeys.AcceptUntil(ended.SigningKeys.Keys[0]));
        Assert.Null(ended.SigningKeys.AcceptUntil(ended.SigningKeys.Keys[2]));
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(0)]
    [InlineData(60)]
    public void What_ends_older_keys_does_so_whatever_the_clock_says(int minutes)
    {
        var waiting = After(Begun(), SigningKeyRules.Rotate(Begun(), Key("b"), atOnce: false, Start));
        var ended = After(waiting, SigningKeyRules.Rotate(waiting, Key("c"), atOnce: true, Start.AddMinutes(3)));
        var planned = After(ended, SigningKeyRules.Rotate(ended, Key("d"), atOnce: false, Start.AddMinutes(100)));
        var now = Start.AddMinutes(3 + minutes);

        Assert.Equal(("c", "c"), (ended.SigningKeys.Signing(now)?.Id, planned.SigningKeys.Signing(now)?.Id));
        Assert.Equal(["c"], ended.SigningKeys.Accepted(now).Select(key => key.Id));
        Assert.Equal(["c", "d"], planned.SigningKeys.Accepted(now).Select(key => key.Id));
        Assert.Equal("d", planned.SigningKeys.Signing(Start.AddMinutes(110))?.Id);
    }

    [Fact]
    public void A_second_planned_key_is_refused_until_the_first_signs()
    {
        var waiting = After(Begun(), SigningKeyRules.Rotate(Begun(), Key("b"), atOnce: false, Start));

        var refusal = SigningKeyRules.Rotate(waiting, Key("c"), atOnce: false, Start.AddMinutes(9)).Refusal;

        Assert.Equal(RefusalReason.RotationUnderWay, refusal?.Reason);
        Assert.Contains("2026-03-02T12:10:00Z", refusal?.Message, StringComparison.Ordinal);
        Assert.False(SigningKeyRules.Rotate(waiting, Key("c"), atOnce: false, Start.AddMinutes(10)).IsRefused);
    }

    [Fact]
    public void A_key_is_due_once_it_has_signed_for_the_period()
    {
        var period = TimeSpan.FromDays(90);

        Assert.Null(SigningKeyRules.RotateWhenDue(Begun(), Key("b"), period, Start + period - TimeSpan.FromSeconds(1)).Value.Event);
        Assert.Equal("b", SigningKeyRules.RotateWhenDue(Begun(), Key("b"), period, Start + period).Value.Value.Id);
    }

    private static GovernanceState Begun() => After(GovernanceState.Empty, SigningKeyRules.AddFirst(GovernanceState.Empty, Key("a"), Start));

    private static GovernanceState After(GovernanceState state, Result<GovernanceDecision<TokenSigningKey>> decision) =>
        state.Apply(decision.Value.Event!, state.Position + 1);

    private static TokenSigningKey Key(string id) => new() { Id = id, PublicJwk = "{}", SealedPrivateKey = new byte[] { 1 } };
}
