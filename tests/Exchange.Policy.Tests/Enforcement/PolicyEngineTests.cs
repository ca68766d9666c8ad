using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

public sealed class PolicyEngineTests
{
    private const string Roles = "p, ann, data1, read\np, admin, data2, read\np, admin, data2, write\ng, ann, admin";

    [Fact]
    public void A_snapshot_tells_who_has_which_role_as_its_relation_does_in_a_matcher()
    {
        var snapshot = Engines.Snapshot(Engines.Basic, "g, ann, editor\ng, editor, reader");

        Assert.True(snapshot.HasLink("g", "ann", "reader"));
        Assert.True(snapshot.HasLink("g", "bo", "bo"));
        Assert.False(snapshot.HasLink("g", "reader", "ann"));
    }

    [Fact]
    public void The_rules_that_decided_are_named()
    {
        var engine = Engines.Of(Engines.Model("r.sub == p.sub", "sub", "sub, why, eft", "some(where (p.eft == allow)) && !some(where (p.eft == deny))"), """
            p, ann, member, allow
            p, ann, founder, allow
            p, bo, member, allow
            p, bo, banned, deny
            """);

        Assert.Equal([1, 2], engine.EnforceEx("ann").Rules.Select(static rule => rule.Line));
        Assert.Equal([4], engine.EnforceEx("bo").Rules.Select(static rule => rule.Line));
        Assert.Empty(engine.EnforceEx("cy").Rules);
    }

    [Theory]
    [InlineData("(r.sub.Age > 18 ? 'old' : 'young') == p.sub")]
    [InlineData("g(r.sub.Age > 18 ? 'old' : 'young', p.sub)")]
    [InlineData("g(r.sub.Age > 18 ? 'old' : 'young', p.sub) || r.sub.Name == p.sub")]
    public void A_term_of_the_index_that_fails_on_its_way_denies(string matcher)
    {
        var engine = Engines.Of(Engines.Model(matcher, "sub", "sub"), "p, young");
        var person = new PolicyAttributes([KeyValuePair.Create("Name", (PolicyValue)"ann")]);

        Assert.False(engine.Enforce(person));
        Assert.Contains("there is no attribute `Age`", engine.EnforceEx(person).Failure?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r.sub.Age > 18 && r.obj == p.obj", "there is no attribute `Age`")]
    [InlineData("r.sub.Blocked != true && r.obj == p.obj", "there is no attribute `Blocked`")]
    [InlineData("r.sub.Name * 2 > 3 && r.obj == p.obj", "needs numbers")]
    [InlineData("r.sub.Name > 3 && r.obj == p.obj", "compares two numbers or two texts")]
    [InlineData("r.obj in (r.sub.Name, 'x') || r.obj in r.sub.Name", "right side of `in`")]
    public void An_expression_that_fails_denies_and_says_why(string matcher, string reason)
    {
        foreach (var effect in new[] { "some(where (p.eft == allow))", "!some(where (p.eft == deny))" })
        {
            var engine = Engines.Of(Engines.Model(matcher, "sub, obj", "obj", effect), "p, data1");
            var person = new PolicyAttributes([KeyValuePair.Create("Name", (PolicyValue)"ann")]);

            var decision = engine.EnforceEx(person, "data1");

            Assert.False(engine.Enforce(person, "data1"));
            Assert.False(decision.IsAllowed);
            Assert.Contains(reason, decision.Failure?.Reason, StringComparison.Ordinal);
            Assert.Equal(10, decision.Failure?.Position.Line);
        }
    }

    [Fact]
    public void A_rule_that_fails_denies_wherever_it_stands()
    {
        const string Failing = "p, r.sub.Age > 1";
        const string Allowing = "p, r.sub.Name == 'ann'";
        var person = new PolicyAttributes([KeyValuePair.Create("Name", (PolicyValue)"ann")]);

        Assert.True(Engines.Of(Engines.Model("eval(p.rule)", "sub", "rule"), Allowing).Enforce(person));
        Assert.False(Engines.Of(Engines.Model("eval(p.rule)", "sub", "rule"), $"{Allowing}\n{Failing}").Enforce(person));
        Assert.False(Engines.Of(Engines.Model("eval(p.rule)", "sub", "rule"), $"{Failing}\n{Allowing}").Enforce(person));
    }

    [Fact]
    public void A_request_of_the_wrong_size_or_with_a_missing_value_is_denied()
    {
        var engine = Engines.Of(Engines.Model("r.sub != p.sub", "sub", "sub", "!some(where (p.eft == deny))"), "p, ann");

        Assert.True(engine.Enforce("bo"));
        Assert.Contains("has 1 values, not 2", engine.EnforceEx("bo", "data1").Failure?.Reason, StringComparison.Ordinal);
        Assert.Contains("no value for `sub`", engine.EnforceEx(default(PolicyValue)).Failure?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_numbered_set_of_a_model_decides_by_itself()
    {
        var engine = Engines.Of("""
            [request_definition]
            r = sub, obj
            r2 = sub
            [policy_definition]
            p = sub, obj
            p2 = sub, eft
            [policy_effect]
            e = some(where (p.eft == allow))
            e2 = !some(where (p2.eft == deny))
            [matchers]
            m = r.sub == p.sub && r.obj == p.obj
            m2 = r2.sub == p2.sub
            """, "p, ann, data1\np2, bo, deny");

        Assert.True(engine.Enforce("ann", "data1"));
        Assert.False(engine.Enforce("ann", "data2"));
        Assert.True(engine.Enforce(EnforceContext.Numbered(2), "ann"));
        Assert.False(engine.Enforce(EnforceContext.Numbered(2), "bo"));
        Assert.Equal([true, false], engine.BatchEnforce(EnforceContext.Numbered(2), [["ann"], ["bo"]]));
        Assert.Equal([2], engine.EnforceEx(EnforceContext.Numbered(2), "bo").Rules.Select(static rule => rule.Line));
    }

    [Fact]
    public void A_context_may_mix_definitions_and_one_that_was_not_built_is_an_error()
    {
        const string Model = """
            [request_definition]
            r = sub
            r2 = sub, hour
            [policy_definition]
            p = sub, eft
            [policy_effect]
            e = some(where (p.eft == allow))
            e2 = !some(where (p.eft == deny))
            [matchers]
            m = r.sub == p.sub
            m2 = r2.sub == p.sub && r2.hour > 8
            """;
        var mixed = new EnforceContext("r2", "p", "e2", "m2");
        var built = PolicySnapshot.Build(PolicyModel.Parse(Model).Value!, PolicyRules.Parse("p, ann, allow\np, bo, deny").Value!, null, [mixed]);
        var engine = new PolicyEngine(built.Value!);

        Assert.Equal([true, true, false, true], engine.BatchEnforce(mixed, [["cy", 9], ["ann", 9], ["bo", 9], ["bo", 7]]));
        Assert.Throws<ArgumentException>(() => engine.Enforce("ann"));
    }

    [Fact]
    public void Only_subject_priority_orders_the_rules_by_their_subjects()
    {
        var engine = Engines.Of("""
            [request_definition]
            r = sub
            r2 = sub
            [policy_definition]
            p = sub, eft
            [role_definition]
            g = _, _
            [policy_effect]
            e = subjectPriority(p.eft) || deny
            e2 = priority(p.eft) || deny
            [matchers]
            m = g(r.sub, p.sub)
            m2 = g(r2.sub, p.sub)
            """, "p, admin, deny\np, ann, allow\ng, ann, admin");

        Assert.True(engine.Enforce("ann"));
        Assert.False(engine.Enforce(new EnforceContext("r2", "p", "e2", "m2"), "ann"));
    }

    [Fact]
    public void A_batch_is_answered_by_one_snapshot_and_a_new_one_decides_at_once()
    {
        var engine = Engines.Of(Engines.Basic, Roles);
        PolicyValue[][] requests = [["ann", "data1", "read"], ["ann", "data2", "write"], ["bo", "data2", "write"]];

        Assert.Equal([true, true, false], engine.BatchEnforce(requests));

        engine.Snapshot = Engines.Snapshot(Engines.Basic, "p, bo, data2, write");

        Assert.Equal([false, false, true], engine.BatchEnforce(requests));
    }

    [Fact]
    public void A_snapshot_set_during_a_batch_decides_only_what_comes_after_it()
    {
        PolicyEngine? engine = null;
        var functions = PolicyFunctions.Casbin.With("change", 1, _ =>
        {
            engine!.Snapshot = Engines.Snapshot(Engines.Basic, "");
            return true;
        });
        engine = Engines.Of(Engines.Model("r.sub == p.sub && change(p.sub)"), "p, ann, data1, read", new PolicyOptions { Functions = functions });

        Assert.Equal([true, true], engine.BatchEnforce([["ann", "data1", "read"], ["ann", "data1", "read"]]));
        Assert.False(engine.Enforce("ann", "data1", "read"));
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        var engine = Engines.Of(Engines.Basic, Roles);
        var person = new PolicyAttributes([KeyValuePair.Create("Age", (PolicyValue)30), KeyValuePair.Create("Name", (PolicyValue)"ann")]);
        var byAttribute = Engines.Of(Engines.Model("eval(p.rule) && r.act == p.act", "sub, act", "rule, act, eft", "some(where (p.eft == allow)) && !some(where (p.eft == deny))"), """
            p, r.sub.Age > 18 && r.sub.Name == 'ann', read, allow
            p, r.sub.Age > 90, read, deny
            """);
        var allowed = 0;
        Decide(1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Decide(1_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4_000, allowed);

        void Decide(int times)
        {
            for (var i = 0; i < times; i++)
            {
                allowed += engine.Enforce("ann", "data2", "write") ? 1 : 0;
                allowed += byAttribute.Enforce(person, "read") ? 1 : 0;
                allowed += engine.Enforce("bo", "data2", "write") ? 1 : 0;
            }
        }
    }

    [Fact]
    public void A_policy_without_rules_allows_only_what_the_matcher_allows_by_itself()
    {
        var engine = Engines.Of(Engines.Model("r.sub == p.sub || r.sub == 'root'", "sub", "sub"), "");

        Assert.True(engine.Enforce("root"));
        Assert.False(engine.Enforce(""));
    }

    [Fact]
    public void A_policy_without_rules_keeps_what_the_request_decides_however_many_alternatives_there_are()
    {
        var matcher = "r.sub == 'root' || " + string.Join(" && ", Enumerable.Range(0, 5).Select(static i => $"(r.sub == p.sub || r.sub == 'x{i}')"));
        var engine = Engines.Of(Engines.Model(matcher, "sub", "sub"), "");

        Assert.True(engine.Enforce("root"));
        Assert.False(engine.Enforce("x1"));
    }

    [Fact]
    public void A_policy_without_rules_denies_when_a_term_on_the_request_fails()
    {
        var engine = Engines.Of(Engines.Model("r.sub.Age > 18 && r.obj == p.obj", "sub, obj", "obj", "!some(where (p.eft == deny))"), "");
        var person = new PolicyAttributes([KeyValuePair.Create("Age", (PolicyValue)30)]);

        Assert.True(engine.Enforce(person, "data1"));
        Assert.False(engine.Enforce(new PolicyAttributes([]), "data1"));
        Assert.Contains("no attribute `Age`", engine.EnforceEx(new PolicyAttributes([]), "data1").Failure?.Reason, StringComparison.Ordinal);
    }
}
