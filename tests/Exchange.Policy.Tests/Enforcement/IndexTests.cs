using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

/// <summary>What the index finds, against looking at every rule, where expressions may fail.</summary>
public sealed class IndexTests
{
    private const int Models = 6_000;
    private const string NoDeny = "!some(where (p.eft == deny))";
    private static readonly PolicyAttributes Stranger = new([]);

    [Fact]
    public void Random_matchers_that_may_fail_decide_alike_with_and_without_explanation_and_by_the_index_as_by_looking_at_every_rule()
    {
        var cases = new MatcherCases(new Random(20261));
        var (allowed, denied, failed) = (0, 0, 0);
        for (var i = 0; i < Models; i++)
        {
            var (model, policy) = cases.Next();
            if (Engines.Build(model, policy).Value is not { } snapshot)
            {
                continue;
            }

            var engine = new PolicyEngine(snapshot);
            var matcher = snapshot.For(EnforceContext.Default);
            for (var j = 0; j < 12; j++)
            {
                var request = cases.Request();
                var (indexed, scanned) = (new List<int>(), new List<int>());
                var explained = engine.EnforceEx(request);
                var byIndex = matcher.Decide(request, indexed);
                var byScan = matcher.Scan(request, scanned);
                var about = $"{model}\n{policy}\n{string.Join(" | ", request.Select(static value => $"{value.Kind} {value}"))}";

                Assert.True(engine.Enforce(request) == explained.IsAllowed, about);
                if (byScan.Failure is null && matcher.LooksAtRules)
                {
                    Assert.True(byScan.IsAllowed == byIndex.IsAllowed && byIndex.Failure is null, about);
                    Assert.True(scanned.Order().SequenceEqual(indexed.Distinct().Order()), about);
                }

                allowed += explained.IsAllowed ? 1 : 0;
                denied += explained is { IsAllowed: false, Failure: null } ? 1 : 0;
                failed += explained.Failure is null ? 0 : 1;
            }
        }

        Assert.True(allowed > 3_000 && denied > 3_000 && failed > 3_000, $"{allowed} allowed, {denied} denied, {failed} failed");
    }

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

    [Fact]
    public void A_missing_value_fails_also_where_an_earlier_rule_allowed()
    {
        var engine = Engines.Of(Engines.Model("r.sub == p.sub || r.obj == p.obj", "sub, obj", "sub, obj"), "p, ann, data1\np, bo, data2");

        Assert.True(engine.Enforce("ann", "data3"));
        Assert.False(engine.Enforce("ann", default(PolicyValue)));
        Assert.Contains("no value for `obj`", engine.EnforceEx("ann", default(PolicyValue)).Failure?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r.sub.level == p.sub", new[] { 7, 507 })]
    [InlineData("g(r.sub.level, p.sub)", new[] { 7 })]
    [InlineData("r.sub.level === p.sub", new int[0])]
    [InlineData("r.sub.name == p.sub", new[] { 507 })]
    [InlineData("r.sub.list == p.sub", new int[0])]
    [InlineData("(r.obj == 'a' || r.obj == 'b' || r.obj == 'c' || r.obj == 'd' || r.obj == 'x') && r.sub.level == p.sub && (p.obj == 'a' || p.obj == r.obj || r.obj == 'b' || r.obj == 'c')", new[] { 7, 507 })]
    public void Only_the_rules_that_can_match_are_looked_at(string matcher, int[] expected)
    {
        var looked = new SortedSet<int>();
        var functions = PolicyFunctions.Casbin.With("look", 1, arguments =>
        {
            looked.Add(int.Parse(arguments[0].AsText, System.Globalization.CultureInfo.InvariantCulture));
            return true;
        });
        var policy = string.Concat(Enumerable.Range(0, 1_000).Select(static i => $"p, {(i < 500 ? $"{i}" : $"{i - 500}.0")}, x, {i}\n"));
        var engine = Engines.Of(Engines.Model(matcher + " && look(p.number)", "sub, obj", "sub, obj, number"), policy, new PolicyOptions { Functions = functions });

        var decision = engine.EnforceEx(PolicyValue.Of(new PolicyAttributes(new Dictionary<string, PolicyValue> { ["level"] = 7, ["name"] = "7.0", ["list"] = new PolicyValue[] { 7 } })), "x");

        Assert.Equal(expected, looked);
        Assert.Equal(expected, decision.Rules.Select(static rule => rule.Line - 1));
    }

    [Theory]
    [InlineData("p.acts")]
    [InlineData("(p.acts)")]
    [InlineData("'read'")]
    [InlineData("p.sub + p.acts")]
    public void The_right_side_of_in_that_can_be_no_list_is_refused(string right)
    {
        var refusal = Engines.Build(Engines.Model($"'x' in {right} && r.sub == p.sub", "sub", "acts, sub, eft", NoDeny), "p, x, ann, deny").Refusal;

        Assert.Equal((10, 9), (refusal?.Line, refusal?.Column));
        Assert.Contains("right side of `in` is a list", refusal?.Reason, StringComparison.Ordinal);
    }
}
