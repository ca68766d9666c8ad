using System.Collections.Immutable;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Roles;

public sealed class RoleScaleTests
{
    [Fact]
    public void Subject_priority_goes_by_a_tree_of_any_depth()
    {
        var links = string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"g, u{i}, u{i + 1}\n"));
        var engine = Engines.Of(Engines.Model("g(r.sub, p.sub)", "sub", "sub, eft", "subjectPriority(p.eft) || deny"), $"p, u5, deny\np, u0, allow\np, u3, deny\n{links}");

        Assert.True(engine.Enforce("u0"));
        Assert.Equal([3], engine.EnforceEx("u1").Rules.Select(static rule => rule.Line));
        Assert.Equal([1], engine.EnforceEx("u4").Rules.Select(static rule => rule.Line));
    }

    [Fact]
    public void A_cycle_is_refused_where_subject_priority_needs_a_tree()
    {
        var refusal = Engines.Build(Engines.Model("g(r.sub, p.sub)", "sub", "sub, eft", "subjectPriority(p.eft) || deny"), "g, low, a\ng, a, b\ng, b, a").Refusal;

        Assert.Equal(1, refusal?.Line);
        Assert.Contains("is its own ancestor", refusal?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Domains_that_the_same_patterns_match_share_one_graph()
    {
        var rows = PolicyRules.Parse("g, ann, admin, east-*\ng, bo, admin, *\ng, cy, admin, south").Value!.Rows;
        var symbols = new SymbolTable();
        var graph = new RoleGraph(3, rows, symbols, null, new NamePattern(PolicyFunctions.Casbin.Find("keyMatch")!), 10);

        Assert.Same(graph.Of("east-1"), graph.Of("east-2"));
        Assert.Same(graph.Of("north"), graph.Of(new string('x', 10_000)));
        Assert.NotSame(graph.Of("east-1"), graph.Of("north"));
        Assert.True(graph.Of("east-1").HasLink("ann", "admin"));
        Assert.False(graph.Of("north").HasLink("ann", "admin"));
        Assert.True(graph.Of("south").HasLink("bo", "admin"));
    }

    [Fact]
    public void Roles_inherited_too_widely_to_be_kept_are_refused()
    {
        var links = string.Concat(Enumerable.Range(0, 8_000).Select(static i => $"g, u{i}, u{i + 1}\n"));
        var options = new PolicyOptions { MaxHierarchyLevel = int.MaxValue };

        Assert.Contains("inherited so widely", Engines.Build(Engines.Basic, links, options).Refusal?.Reason, StringComparison.Ordinal);
        Assert.True(Engines.Build(Engines.Basic, links).IsAccepted);
    }

    [Fact]
    public void A_function_on_names_that_throws_denies_and_at_load_is_refused()
    {
        var options = new PolicyOptions
        {
            Functions = PolicyFunctions.Casbin.With("picky", 2, static a => a[0].AsText == "bomb" ? throw new InvalidOperationException("no bombs") : a[0].AsText.StartsWith(a[1].AsText, StringComparison.Ordinal)),
            RolePatterns = ImmutableDictionary<string, RolePatterns>.Empty.Add("g", new RolePatterns { Names = "picky" }),
        };
        var engine = Engines.Of(Engines.Basic, "p, staff, data1, read\ng, user, staff", options);

        Assert.True(engine.Enforce("user-7", "data1", "read"));
        Assert.False(engine.Enforce("bomb", "data1", "read"));
        Assert.Contains("its patterns must not fail", engine.EnforceEx("bomb", "data1", "read").Failure?.Reason, StringComparison.Ordinal);
        Assert.Contains("no bombs", Engines.Build(Engines.Basic, "g, user, staff\ng, bomb, staff", options).Refusal?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("g3", null)]
    [InlineData("g", "keyMatch")]
    public void Patterns_for_a_relation_or_domains_that_the_model_lacks_are_an_error(string relation, string? domains)
    {
        var options = new PolicyOptions { RolePatterns = ImmutableDictionary<string, RolePatterns>.Empty.Add(relation, new RolePatterns { Names = "keyMatch", Domains = domains }) };

        Assert.Throws<ArgumentException>(() => Engines.Build(Engines.Basic, "", options));
    }
}
