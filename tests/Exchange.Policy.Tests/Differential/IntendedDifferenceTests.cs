using System.Collections.Immutable;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Roles;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Differential;

/// <summary>The rows of docs/casbin.md that two implementations can be asked about: what npm `casbin` answers (e: an error), and what we do.</summary>
public sealed class IntendedDifferenceTests
{
    private const string Some = "some(where (p.eft == allow))";
    private static readonly Dictionary<string, object?> Person = new() { ["Name"] = "ann", ["Empty"] = "", ["Age"] = 30, ["Nothing"] = null };

    public static TheoryData<string, string, string, string, string, char, char> Differences { get; } = new()
    {
        { "a rule fails after another allowed", "eval(p.rule)", "rule", "p, r.sub.Age > 1\np, keyMatch9(r.sub.Name)", Some, '1', 'r' },
        { "a later rule fails", "eval(p.rule)", "rule", "p, r.sub.Age > 1\np, \"r.sub.None.Name == 'x'\"", Some, '1', 'e' },
        { "an earlier rule fails", "eval(p.rule)", "rule", "p, \"r.sub.None.Name == 'x'\"\np, r.sub.Age > 1", Some, 'e', 'e' },
        { "a rule of someone else fails", "ipMatch(r.sub.Name, p.net) && r.sub.Name == p.rule", "rule, net", "p, bo, 10.0.0.0/8", Some, 'e', '0' },
        { "a missing attribute is not equal", "r.sub.Blocked != true && r.sub.Name == p.rule", "rule", "p, ann", Some, '1', 'e' },
        { "a missing attribute is compared", "!(r.sub.Level > 3) && r.sub.Name == p.rule", "rule", "p, ann", Some, '1', 'e' },
        { "null is compared", "r.sub.Nothing < 3 && r.sub.Name == p.rule", "rule", "p, ann", Some, '1', 'e' },
        { "a text that spells no number", "!(r.sub.Name > 3) && r.sub.Name == p.rule", "rule", "p, ann", Some, '1', 'e' },
        { "the empty text is 0", "r.sub.Empty == 0 && r.sub.Name == p.rule", "rule", "p, ann", Some, '1', '0' },
        { "a hexadecimal number", "r.sub.Age == p.rule", "rule", "p, 0x1e", Some, '1', '0' },
        { "a choice by or", "(r.sub.Name || r.sub.Other) == p.rule", "rule", "p, ann", Some, '1', 'r' },
        { "a number as a condition", "r.sub.Age && r.sub.Name == p.rule", "rule", "p, ann", Some, '1', 'e' },
        { "a number as a match", "r.sub.Name == p.rule && 1 + 1", "rule", "p, ann", Some, '0', 'e' },
        { "in a rule's text", "(r.sub.Name == p.rule) && ('a' in p.rule)", "rule", "p, ann", Some, 'e', 'r' },
        { "no rules", "r.sub.Empty == p.rule", "rule", "# none", Some, '1', '0' },
        { "in beside and", "r.sub.Name in ('ann', 'bo') && r.sub.Name == p.rule", "rule", "p, ann", Some, 'e', '1' },
        { "keyMatch4", "keyMatch4('/a/1/b/1/c/3', p.rule) && r.sub.Name == 'ann'", "rule", "p, /a/{id}/b/{id}/c/{other}", Some, '0', '1' },
        { "two names in a segment", "keyMatch2('/x', p.rule) && r.sub.Name == 'ann'", "rule", "p, /:a:b", Some, '0', '1' },
        { "address families", "ipMatch('::ffff:10.0.0.1', p.rule) && r.sub.Name == 'ann'", "rule", "p, 10.0.0.1", Some, '1', '0' },
        { "a hash in quotes", "r.sub.Name != '#' && r.sub.Name == p.rule", "rule", "p, ann", Some, 'e', '1' },
        { "a row with too few values", "r.sub.Name == p.rule", "rule, note", "p, ann", Some, '1', 'r' },
        { "a row of an undefined type", "r.sub.Name == p.rule", "rule", "p, ann\np7, x", Some, '1', 'r' },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task A_documented_difference_is_as_documented(string name, string matcher, string columns, string policy, string effect, char theirs, char ours)
    {
        var one = new PolicyCase(name, Engines.Model(matcher, "sub", columns, effect), policy, [[Person]]);

        await CompareAsync(one, theirs, ours);
    }

    [Fact]
    public Task A_pattern_of_roles_read_after_a_name_that_matches_it_is_a_documented_difference() => CompareAsync(
        new PolicyCase("patterns of roles", Engines.Model("g(r.sub, p.sub)", "sub", "sub"), "p, anyone\ng, ann, role-1\ng, role-*, anyone", [["ann"]])
        {
            RolePatterns = ImmutableDictionary<string, RolePatterns>.Empty.Add("g", new() { Names = "keyMatch" }),
        },
        '0',
        '1');

    private static async Task CompareAsync(PolicyCase one, char theirs, char ours)
    {
        Assert.Equal((one.Family, ours), (one.Family, Answer(one)));

        using var casbin = CasbinProcess.Start();
        if (casbin is null)
        {
            Assert.Skip("the npm package `casbin` is not installed in tests/npm");
        }

        var answer = await casbin.AskAsync(one, TestContext.Current.CancellationToken);
        Assert.Equal(theirs.ToString(), answer.StartsWith("refused", StringComparison.Ordinal) ? "r" : answer);
    }

    private static char Answer(PolicyCase one)
    {
        var built = Engines.Build(one.Model, one.Policy, one.Options, one.Context);
        return !built.IsAccepted ? 'r' : new PolicyEngine(built.Value).EnforceEx(PolicyCase.Values(one.Requests[0])) switch
        {
            { Failure: not null } => 'e',
            { IsAllowed: true } => '1',
            _ => '0',
        };
    }
}
