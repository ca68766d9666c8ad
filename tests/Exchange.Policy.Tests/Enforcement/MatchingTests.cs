using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

public sealed class MatchingTests
{
    private const string Both = "some(where (p.eft == allow)) && !some(where (p.eft == deny))";

    [Fact]
    public void Every_matching_rule_is_given_in_the_order_of_the_policy_whatever_decides()
    {
        foreach (var effect in new[] { "some(where (p.eft == allow))", "!some(where (p.eft == deny))", Both, "priority(p.eft) || deny" })
        {
            var engine = Engines.Of(Engines.Model("g(r.sub, p.sub) && (p.act == '*' || r.act == p.act)", "sub, act", "sub, act, eft", effect), """
                p, ann, read, allow
                p, bo, read, allow
                p, admin, *, deny
                p, ann, *, allow
                p, ann, write, allow
                g, ann, admin
                """);

            var matches = engine.Matching("ann", "read");

            Assert.Equal([1, 3, 4], matches.Rules.Select(rule => rule.Line));
            Assert.Null(matches.Failure);
            Assert.Null(matches.FailedRule);
            Assert.Empty(engine.Matching("cy", "read").Rules);
        }
    }

    [Fact]
    public void A_rule_that_two_alternatives_of_the_matcher_find_is_given_once()
    {
        var engine = Engines.Of(Engines.Model("r.sub == p.sub || r.act == p.act", "sub, act", "sub, act"), "p, ann, read\np, ann, write\np, bo, read");

        Assert.Equal([1, 2, 3], engine.Matching("ann", "read").Rules.Select(rule => rule.Line));
    }

    [Fact]
    public void The_first_rule_that_failed_is_named_and_the_others_are_given()
    {
        var engine = Engines.Of(Engines.Model("r.sub.Name == p.sub && eval(p.rule)", "sub", "sub, rule, eft", Both), """
            p, ann, r.sub.Age > 1, deny
            p, ann, true, allow
            p, ann, r.sub.Height > 1, allow
            p, bo, r.sub.Age > 1, allow
            """);
        var ann = new PolicyAttributes([KeyValuePair.Create("Name", (PolicyValue)"ann")]);

        var matches = engine.Matching(ann);

        Assert.Equal([2], matches.Rules.Select(rule => rule.Line));
        Assert.Equal(1, matches.FailedRule?.Line);
        Assert.Contains("no attribute `Age`", matches.Failure?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_of_the_wrong_size_matches_nothing_and_fails()
    {
        var matches = Engines.Of(Engines.Basic, "p, ann, data1, read").Matching("ann");

        Assert.Empty(matches.Rules);
        Assert.NotNull(matches.Failure);
        Assert.Null(matches.FailedRule);
    }

    [Fact]
    public void What_the_index_finds_is_what_looking_at_every_rule_finds()
    {
        var random = new Random(7);
        string[] names = ["ann", "bo", "cy", "admin", "chief"];
        string[] conditions = ["true", "false", "r.sub.Age > 20", "r.sub.Blocked == true"];
        for (var round = 0; round < 300; round++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 12)).Select(_ => $"p, {Pick(names)}, {Pick(["data1", "data2", "*"])}, {Pick(conditions)}, {Pick(["allow", "deny"])}").Distinct();
            var model = Engines.Model("g(r.sub.Name, p.sub) && (p.obj == '*' || r.obj == p.obj) && eval(p.rule)", "sub, obj", "sub, obj, rule, eft", Both);
            var links = $"g, ann, {Pick(["admin", "chief"])}\ng, bo, admin\ng, admin, chief";
            var engine = Engines.Of(model, $"{string.Join('\n', rows)}\n{links}");
            foreach (var name in names)
            {
                var person = new PolicyAttributes([KeyValuePair.Create("Name", (PolicyValue)name), KeyValuePair.Create("Age", (PolicyValue)30)]);
                var found = engine.Matching(person, "data1");
                var expected = engine.Snapshot.Policy.Rows.Where(row => row.Type is "p").Where(row => Alone(model, row, links).Enforce(person, "data1")).ToList();
                var failing = engine.Snapshot.Policy.Rows.Where(row => row.Type is "p").FirstOrDefault(row => Alone(model, row, links).EnforceEx(person, "data1").Failure is not null);

                Assert.Equal(expected, found.Rules);
                Assert.Equal(failing, found.FailedRule);
            }
        }

        string Pick(string[] items) => items[random.Next(items.Length)];
    }

    // Each rule as the only one, allowing, decides whether it matches.
    private static PolicyEngine Alone(string model, PolicyRule row, string links) => Engines.Of(model, $"{new PolicyRule("p", row.Values.SetItem(3, "allow"))}\n{links}");
}
