using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

/// <summary>What the index finds, against looking at every rule, where expressions may fail.</summary>
public sealed class IndexTests
{
    private const string NoDeny = "!some(where (p.eft == deny))";
    private static readonly PolicyAttributes Stranger = new([]);

    [Theory]
    [InlineData("(r.sub.vip ? 'gold' : 'basic') == p.tier", "p, basic")]
    [InlineData("'x' + (r.sub.vip == 1) == p.tier", "p, xfalse")]
    [InlineData("g((r.sub.vip ? 'gold' : 'basic'), p.tier)", "p, basic")]
    public void A_key_of_the_index_that_fails_denies(string matcher, string policy)
    {
        var engine = Engines.Of(Engines.Model(matcher, "sub", "tier"), policy);

        Assert.False(engine.Enforce(Stranger));
        Assert.Contains("no attribute `vip`", engine.EnforceEx(Stranger).Failure?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deny_is_not_dodged_by_leaving_an_attribute_out()
    {
        var engine = Engines.Of(Engines.Model("(r.sub.vip ? 'gold' : 'basic') == p.tier", "sub", "tier, eft", NoDeny), "p, gold, deny");

        Assert.False(engine.Enforce(Stranger));
        Assert.NotNull(engine.EnforceEx(Stranger).Failure);
    }
}
