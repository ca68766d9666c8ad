using System.Text.Json;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Differential;

public sealed class CasbinDifferentialTests
{
    private const int QuickDecisions = 100_000;
    private const int FullDecisions = 1_000_000;
    private const int Families = 21;
    private const int Seed = 20260;

    [Fact]
    public Task Random_models_policies_and_requests_get_the_answers_of_the_npm_package() => CompareAsync(Seed, QuickDecisions);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_million_random_requests_get_the_answers_of_the_npm_package() => CompareAsync(Seed + 2, FullDecisions);

    [Fact]
    public async Task The_rule_that_the_npm_package_names_is_among_those_that_decided()
    {
        using var casbin = CasbinProcess.Start();
        if (casbin is null)
        {
            Assert.Skip("the npm package `casbin` is not installed in tests/npm");
        }

        var cases = new PolicyCases(new Random(Seed + 3));
        var (named, none) = (0, 0);
        for (var i = 0; i < 500; i++)
        {
            var one = cases.Next() with { Explain = true };
            if (one.Family is "functions" or "missing")
            {
                continue; // what failed is explained here, and thrown or taken for a no there
            }

            var engine = Engines.Of(one.Model, one.Policy, one.Options, one.Context);
            var theirs = JsonSerializer.Deserialize<string[][]>(await casbin.AskAsync(one, TestContext.Current.CancellationToken))!;
            foreach (var (index, request) in one.Requests.Index())
            {
                var ours = engine.EnforceEx(one.Context, PolicyCase.Values(request)).Rules;
                var about = $"{string.Join(", ", theirs[index])} not in {string.Join(" | ", ours)}: request {index} of\n{one.ToJson()}";

                Assert.True(theirs[index].Length == 0 ? ours.IsEmpty : ours.Any(rule => rule.Values.SequenceEqual(theirs[index])), about);
                named += theirs[index].Length > 0 ? 1 : 0;
                none += theirs[index].Length == 0 ? 1 : 0;
            }
        }

        Assert.True(named > 1_000 && none > 1_000, $"{named} named, {none} not");
    }

    [Fact]
    public void The_index_finds_every_rule_that_looking_at_all_of_them_finds()
    {
        var cases = new PolicyCases(new Random(Seed + 1));
        for (var i = 0; i < 1_500; i++)
        {
            var one = i % 4 == 0 ? cases.Authored(failing: true) : cases.Next();
            var matcher = Engines.Snapshot(one.Model, one.Policy, one.Options, one.Context).For(one.Context);
            foreach (var request in one.Requests.Where(_ => matcher.Rules.Rules.Length > 0).Select(PolicyCase.Values))
            {
                var (indexed, scanned) = (new List<int>(), new List<int>());
                var byIndex = matcher.Decide(request, indexed);
                var byScan = matcher.Scan(request, scanned);

                Assert.Equal(byScan.IsAllowed, byIndex.IsAllowed);
                Assert.Equal(byScan.IsAllowed, matcher.Decide(request, null).IsAllowed);
                if (matcher.LooksAtRules)
                {
                    Assert.Equal(scanned.Order(), indexed.Distinct().Order());
                }
            }
        }
    }

    private static async Task CompareAsync(int seed, int wanted)
    {
        using var casbin = CasbinProcess.Start();
        if (casbin is null)
        {
            Assert.Skip("the npm package `casbin` is not installed in tests/npm");
        }

        var cases = new PolicyCases(new Random(seed));
        var differences = new List<string>();
        var perFamily = new SortedDictionary<string, (int Allowed, int Denied)>();
        for (var decisions = 0; decisions < wanted && differences.Count < 20;)
        {
            var one = cases.Next();
            var theirs = await casbin.AskAsync(one, TestContext.Current.CancellationToken);
            var ours = Answer(one);
            if (one.FailuresDeny)
            {
                (theirs, ours) = (theirs.Replace('e', '0'), ours.Replace('e', '0'));
            }

            if (theirs != ours)
            {
                differences.Add($"{one.Family}: casbin {theirs}, ours {ours}\n{one.ToJson()}");
            }

            decisions += one.Requests.Count;
            var (allowed, denied) = perFamily.GetValueOrDefault(one.Family);
            perFamily[one.Family] = (allowed + ours.Count(static answer => answer == '1'), denied + ours.Count(static answer => answer == '0'));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(Families, perFamily.Count);
        Assert.All(perFamily, family => Assert.True(Math.Min(family.Value.Allowed, family.Value.Denied) > wanted / 500, $"{family.Key}: {family.Value}"));
    }

    private static string Answer(PolicyCase one)
    {
        var built = Engines.Build(one.Model, one.Policy, one.Options, one.Context);
        if (!built.IsAccepted)
        {
            return $"refused: {built.Refusal}";
        }

        var engine = new PolicyEngine(built.Value);
        return string.Concat(one.Requests.Select(request => engine.EnforceEx(one.Context, PolicyCase.Values(request)) switch
        {
            { Failure: not null } => 'e',
            { IsAllowed: true } => '1',
            _ => '0',
        }));
    }
}
