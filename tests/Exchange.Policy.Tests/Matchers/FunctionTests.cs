using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Matchers;

public sealed class FunctionTests
{
    [Theory]
    [InlineData("keyMatch", "/a/b", "/a/*", true)]
    [InlineData("keyMatch", "/a", "/a/*", false)]
    [InlineData("keyMatch2", "/a/1", "/a/:id", true)]
    [InlineData("keyMatch2", "/a/1/2", "/a/:id", false)]
    [InlineData("keyMatch2", "/a/1\n", "/a/:id", true)]
    [InlineData("keyMatch3", "/a/1/b", "/a/{id}/b", true)]
    [InlineData("keyMatch4", "/a/1/b/1", "/a/{id}/b/{id}", true)]
    [InlineData("keyMatch4", "/a/1/b/2", "/a/{id}/b/{id}", false)]
    [InlineData("keyMatch4", "/a/1/b/1/c/3", "/a/{id}/b/{id}/c/{other}", true)]
    [InlineData("keyMatch5", "/a/1?x=/y", "/a/{id}", true)]
    [InlineData("regexMatch", "reader", "^read", true)]
    [InlineData("regexMatch", "read\n", "^read$", false)]
    [InlineData("ipMatch", "10.1.2.3", "10.1.0.0/16", true)]
    [InlineData("ipMatch", "10.2.2.3", "10.1.0.0/16", false)]
    [InlineData("ipMatch", "2001:db8::1", "2001:db8::/32", true)]
    [InlineData("ipMatch", "2001:db9::1", "2001:db8::/32", false)]
    [InlineData("ipMatch", "10.1.2.3", "::/0", false)]
    [InlineData("globMatch", "/a/b", "/a/*", true)]
    [InlineData("globMatch", "/a/b/c", "/a/*", false)]
    [InlineData("globMatch", "/a/b/c", "/a/**", true)]
    [InlineData("globMatch", "/x.conf", "/*.{conf,csv}", true)]
    [InlineData("globMatch", "/.x", "/*", false)]
    [InlineData("globMatch", "a/c", "a[^x]c", false)]
    [InlineData("globMatch", ".x", "{*,y}", false)]
    [InlineData("globMatch", "/a/", "/a", true)]
    [InlineData("globMatch", "//a//b", "/a/b", true)]
    [InlineData("globMatch", "/a", "!!/a", true)]
    [InlineData("globMatch", "/a", "!/a", false)]
    [InlineData("regexMatch", "\u0661", "^\\d$", false)]
    [InlineData("regexMatch", "\u00e9", "^\\w$", false)]
    [InlineData("regexMatch", "a\rb", "a.b", false)]
    public void A_pattern_function_matches_what_casbins_does(string function, string text, string pattern, bool matches)
    {
        var byRule = Engines.Of(Engines.Model($"{function}(r.sub, p.sub)", "sub", "sub"), $"p, \"{pattern}\"");
        var byRequest = Engines.Of(Engines.Model($"{function}(r.sub, r.obj) && p.sub == 'x'", "sub, obj", "sub"), "p, x");

        Assert.Equal(matches, byRule.Enforce(text));
        Assert.Equal(matches, byRequest.Enforce(text, pattern));
    }

    [Fact]
    public void A_regular_expression_takes_no_longer_for_a_text_made_to_confuse_it()
    {
        var engine = Engines.Of(Engines.Model("regexMatch(r.sub, p.sub)", "sub", "sub", "!some(where (p.eft == deny))"), "p, ^(a+)+(b|c)*$");
        var text = new string('a', 20_000) + "!";

        Assert.Null(engine.EnforceEx(text).Failure);
        Assert.True(engine.Enforce(text));
    }

    [Fact]
    public void Many_rules_with_expressions_of_their_own_take_little_memory()
    {
        var policy = string.Concat(Enumerable.Range(0, 1_000).Select(static i => $"p, ^/a{i}/.*/(x|y)$\n"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var engine = Engines.Of(Engines.Model("regexMatch(r.sub, p.sub)", "sub", "sub"), policy);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000_000);
        Assert.True(engine.Enforce("/a77/b/x"));
        Assert.False(engine.Enforce("/a77/b/z"));
    }

    [Theory]
    [InlineData("keyGet(r.sub, '/a/*')", "/a/1/2", "1/2")]
    [InlineData("keyGet2(r.sub, '/a/:x/:y', 'y')", "/a/1/2", "2")]
    [InlineData("keyGet3(r.sub, '/a/p_{x}_s', 'x')", "/a/p_1_s", "1")]
    [InlineData("keyGet2(r.sub, '/b/:x', 'x')", "/a/1", "")]
    public void A_key_function_gives_the_part_of_the_path(string call, string path, string part) =>
        Assert.True(Engines.Of(Engines.Model($"{call} == p.sub", "sub", "sub"), $"p, {part}").Enforce(path));

    [Fact]
    public void A_key_function_reads_the_pattern_of_each_rule_once()
    {
        var engine = Engines.Of(Engines.Model("keyGet2(r.sub, p.path, 'x') == p.sub", "sub", "sub, path"), "p, 1, /a/:x\np, 2, /b/:y/:x");

        Assert.True(engine.Enforce("/a/1"));
        Assert.True(engine.Enforce("/b/1/2"));
        Assert.False(engine.Enforce("/b/1/1"));
        Assert.Contains(
            "`/:` is not followed by a name", Engines.Build(Engines.Model("keyGet2(r.sub, p.path, 'x') == p.sub", "sub", "sub, path"), "p, 1, /:").Refusal?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_custom_function_takes_any_number_of_arguments_and_up_to_four_allocate_nothing()
    {
        var options = new PolicyOptions
        {
            Functions = PolicyFunctions.Casbin.With("sum4", 4, static a => a[0].AsNumber + a[1].AsNumber + a[2].AsNumber + a[3].AsNumber)
                .With("sum5", 5, static a => a[0].AsNumber + a[1].AsNumber + a[2].AsNumber + a[3].AsNumber + a[4].AsNumber),
        };
        var engine = Engines.Of(Engines.Model("sum4(r.sub, 1, 1, 1) > 12 && r.obj == p.obj", "sub, obj", "obj"), "p, data1", options);
        var five = Engines.Of(Engines.Model("sum5(r.sub, 1, 1, 1, 1) > 12 && r.obj == p.obj", "sub, obj", "obj"), "p, data1", options);
        Assert.True(engine.Enforce(10, "data1"));
        Assert.False(five.Enforce(8, "data1"));
        Assert.True(five.Enforce(9, "data1"));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            engine.Enforce(10, "data1");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_custom_function_is_called_and_one_that_throws_denies()
    {
        var options = new PolicyOptions
        {
            Functions = PolicyFunctions.Casbin
                .With("longer", 2, static a => a[0].AsText.Length > a[1].AsNumber)
                .With("broken", 1, static _ => throw new InvalidOperationException("out of order")),
        };
        var engine = Engines.Of(Engines.Model("longer(r.sub, 3) && r.sub == p.sub", "sub", "sub"), "p, anna\np, bo", options);
        var broken = Engines.Of(Engines.Model("broken(r.sub) && r.sub == p.sub", "sub", "sub", "!some(where (p.eft == deny))"), "p, anna", options);

        Assert.True(engine.Enforce("anna"));
        Assert.False(engine.Enforce("bo"));
        Assert.False(broken.Enforce("anna"));
        Assert.Contains("`broken` failed", broken.EnforceEx("anna").Failure?.Reason, StringComparison.Ordinal);
    }
}
