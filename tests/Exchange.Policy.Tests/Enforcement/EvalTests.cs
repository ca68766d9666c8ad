using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

public sealed class EvalTests
{
    [Fact]
    public void Preparing_rules_with_an_expression_and_a_pattern_each_takes_memory_in_proportion_to_their_number()
    {
        var policy = string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"p, \"keyMatch(r.sub, p.path) && r.sub != 'x{i}'\", /{i}/*\n"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var engine = Engines.Of(Engines.Model("eval(p.rule)", "sub", "rule, path"), policy);

        // An array of all rules per expression would be 800 MB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000_000);
        Assert.True(engine.Enforce("/77/a"));
        Assert.False(engine.Enforce("/x/a"));
    }

    [Fact]
    public void A_pattern_that_an_expression_cannot_use_is_refused_only_in_the_rule_that_uses_it()
    {
        var model = Engines.Model("eval(p.rule)", "sub", "rule, path");

        Assert.True(Engines.Build(model, "p, r.sub == p.path, [a\np, \"regexMatch(r.sub, p.path)\", ^a").IsAccepted);

        var refusal = Engines.Build(model, "p, r.sub == p.path, [a\np, \"regexMatch(r.sub, p.path)\", [a").Refusal;

        Assert.Equal((2, 33), (refusal?.Line, refusal?.Column));
        Assert.Contains("is not a pattern", refusal?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p, r.sub == nobody", 13)]
    [InlineData("p, \"r.sub == nobody\"", 14)]
    [InlineData("p, \"r.sub == \"\"a\"\" || nobody\"", 23)]
    [InlineData("p,  \"  (r.sub == nobody)\"", 18)]
    [InlineData("p, f(r.sub , nobody)", 14)]
    [InlineData("p, keyMatch(r.sub  ,   nobody)", 24)]
    public void An_expression_that_cannot_be_right_is_refused_at_the_column_where_it_stands_in_the_row(string row, int column)
    {
        var refusal = Engines.Build(Engines.Model("eval(p.rule)", "sub", "rule"), row).Refusal;

        Assert.Equal(("policy", 1, column), (refusal?.Source, refusal?.Line ?? 0, refusal?.Column ?? 0));
    }

    [Fact]
    public void A_pattern_of_the_request_is_prepared_once_for_all_rules()
    {
        var engine = Engines.Of(Engines.Model("regexMatch(p.sub, r.pattern)", "pattern", "sub"), string.Concat(Enumerable.Range(0, 3_000).Select(static i => $"p, u{i}\n")));
        Assert.False(engine.Enforce("^v"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.True(engine.Enforce("^u77$"));

        // A regular expression takes some 10 kB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
        Assert.Contains("cannot be applied", engine.EnforceEx("(?=a)").Failure?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_callers_object_or_list_throws_denies()
    {
        var broken = PolicyValue.Of(new Broken());

        foreach (var matcher in (string[])["r.sub.Name == p.sub", "r.sub.Name > 3 && p.sub == 'ann'", "('a' in r.sub) || p.sub == 'ann'"])
        {
            var engine = Engines.Of(Engines.Model(matcher, "sub", "sub", "!some(where (p.eft == deny))"), "p, ann");

            Assert.False(engine.Enforce(broken));
            Assert.NotNull(engine.EnforceEx(broken).Failure);
        }
    }

    [Fact]
    public void A_text_that_is_no_address_fails_without_an_exception_per_rule()
    {
        var engine = Engines.Of(Engines.Model("ipMatch(r.sub, p.net)", "sub", "net"), "p, 10.0.0.0/8\np, ::1");
        var (thread, thrown) = (Environment.CurrentManagedThreadId, 0);
        EventHandler<System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs> count = (_, _) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += count;

        var decision = engine.EnforceEx("nowhere");

        AppDomain.CurrentDomain.FirstChanceException -= count;
        Assert.NotNull(decision.Failure);
        Assert.Equal(0, thrown);
        Assert.True(engine.Enforce("10.1.1.1"));
    }

    [Fact]
    public void A_null_text_list_or_object_is_missing()
    {
        Assert.Equal(default, PolicyValue.Of((string)null!));
        Assert.Equal(default, PolicyValue.Of((IPolicyAttributes)null!));
        Assert.Equal(default, PolicyValue.Of((IReadOnlyList<PolicyValue>)null!));
    }

    private sealed class Broken : IPolicyAttributes
    {
        public bool TryGetAttribute(string name, out PolicyValue value) => throw new InvalidOperationException("out of order");
    }
}
