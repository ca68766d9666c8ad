using System.Collections.Immutable;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Roles;

public sealed class RolePatternTests
{
    private static readonly string Domained = Engines.Basic
        .Replace("g = _, _", "g = _, _, _", StringComparison.Ordinal)
        .Replace("r = sub,", "r = sub, dom,", StringComparison.Ordinal)
        .Replace("g(r.sub, p.sub)", "g(r.sub, p.sub, r.dom)", StringComparison.Ordinal);

    [Fact]
    public void A_name_that_matches_a_pattern_has_the_patterns_roles()
    {
        var engine = Engines.Of(
            Engines.Basic.Replace("r.obj == p.obj", "g2(r.obj, p.obj)", StringComparison.Ordinal).Replace("g = _, _", "g = _, _\ng2 = _, _", StringComparison.Ordinal),
            "p, ann, books, read\ng2, /book/:id, books\ng2, /pen/:id, pens",
            Options("g2", new RolePatterns { Names = "keyMatch2" }));

        Assert.True(engine.Enforce("ann", "/book/1", "read"));
        Assert.False(engine.Enforce("ann", "/pen/1", "read"));
        Assert.False(engine.Enforce("ann", "/book/1/page", "read"));
    }

    [Fact]
    public void A_subject_that_matches_a_pattern_is_found_through_the_index()
    {
        var engine = Engines.Of(Engines.Basic, "p, staff, data1, read\ng, user-*, staff", Options("g", new RolePatterns { Names = "keyMatch" }));

        Assert.True(engine.Enforce("user-7", "data1", "read"));
        Assert.False(engine.Enforce("visitor-7", "data1", "read"));
    }

    [Fact]
    public void A_function_that_asks_an_engine_does_not_change_whose_roles_are_looked_at()
    {
        var patterns = Options("g", new RolePatterns { Names = "keyMatch" });
        var inner = Engines.Of(Engines.Basic, "p, boss, data1, read\ng, other, others\ng, visitor-*, boss\ng, visitor-*, chief", patterns);
        var options = patterns with
        {
            Functions = PolicyFunctions.Casbin.With("isVisitor", 1, arguments => inner.Enforce("visitor-" + arguments[0].AsText, "data1", "read")),
        };
        var outer = Engines.Of(
            Engines.Model("g(r.sub, p.sub) && isVisitor(p.sub)", "sub", "sub"),
            "p, a\np, b\np, boss\np, chief\np, c\ng, user-*, a\ng, user-*, b\ng, user-*, c",
            options);

        Assert.True(outer.Enforce("user-7"));
        Assert.Equal([1, 2, 5], outer.EnforceEx("user-7").Rules.Select(static rule => rule.Line));
    }

    [Fact]
    public void A_function_that_asks_an_engine_changes_none_of_several_roles()
    {
        var options = new PolicyOptions { RolePatterns = new[] { "g", "g2" }.ToImmutableDictionary(static key => key, static _ => new RolePatterns { Names = "keyMatch" }) };
        var model = Engines.Model("g(r.sub, p.sub) && g2(same(r.obj), p.obj) && isVisitor(p.sub)", "sub, obj", "sub, obj")
            .Replace("g = _, _", "g = _, _\ng2 = _, _", StringComparison.Ordinal);
        var rows = "p, a, books\np, boss, books\np, b, pens\np, b, shelf\np, chief, all\n"
            + "g, user-*, a\ng, user-*, b\ng, visitor-*, boss\ng, visitor-*, chief\ng2, /book/*, books\ng2, /book/*, shelf\ng2, /pen/*, pens\ng2, /pen/*, all";
        var plain = PolicyFunctions.Casbin.With("same", 1, static arguments => arguments[0]).With("isVisitor", 1, static _ => true);
        var inner = Engines.Of(model, rows, options with { Functions = plain });
        var asking = PolicyFunctions.Casbin
            .With("same", 1, arguments => inner.Enforce("visitor-1", "/pen/1") ? arguments[0] : default)
            .With("isVisitor", 1, _ => inner.Enforce("visitor-1", "/pen/1"));
        var outer = Engines.Of(model, rows, options with { Functions = asking });

        Assert.True(outer.Enforce("user-7", "/book/1"));
        Assert.Equal([1, 4], outer.EnforceEx("user-7", "/book/1").Rules.Select(static rule => rule.Line));
    }

    [Fact]
    public void A_domain_that_matches_a_pattern_has_the_patterns_links_and_its_own()
    {
        var engine = Engines.Of(
            Domained,
            "p, admin, data1, read\ng, ann, admin, *\ng, bo, admin, east",
            Options("g", new RolePatterns { Domains = "keyMatch" }));

        Assert.True(engine.Enforce("ann", "anywhere", "data1", "read"));
        Assert.True(engine.Enforce("ann", "east", "data1", "read"));
        Assert.True(engine.Enforce("bo", "east", "data1", "read"));
        Assert.False(engine.Enforce("bo", "west", "data1", "read"));
    }

    [Fact]
    public void Roles_are_inherited_over_ten_steps_and_a_cycle_ends()
    {
        var chain = string.Concat(Enumerable.Range(0, 12).Select(i => $"g, u{i}, u{i + 1}\n")) + "g, u12, u0\np, u11, data1, read\n";
        var engine = Engines.Of(Engines.Basic, chain);

        Assert.True(engine.Enforce("u1", "data1", "read"));
        Assert.False(engine.Enforce("u0", "data1", "read"));
        Assert.True(engine.Enforce("u11", "data1", "read"));
    }

    private static PolicyOptions Options(string relation, RolePatterns patterns) =>
        new() { RolePatterns = ImmutableDictionary<string, RolePatterns>.Empty.Add(relation, patterns) };
}
