using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using Exchange.Policy.Tests.Differential;
using Exchange.Policy.Tests.Enforcement;

namespace Exchange.Policy.Tests.Language;

public sealed class HostileTextTests
{
    private const string Alphabet = "rpgem.=&|!()[]{},'\"\\#; \n*+-/%<>:$^0a\u4e2d";

    [Fact]
    public void A_spoiled_model_or_policy_is_accepted_or_refused_and_decides_or_denies_but_never_throws()
    {
        var random = new Random(7);
        var cases = new PolicyCases(random);
        var (refused, accepted, compared) = (0, 0, 0);
        for (var i = 0; i < 3_000; i++)
        {
            var one = cases.Next();
            var model = PolicyModel.Parse(random.Next(2) == 0 ? Spoil(one.Model, random) : one.Model);
            var policy = PolicyRules.Parse(Spoil(one.Policy, random));
            var built = model.IsAccepted && policy.IsAccepted ? PolicySnapshot.Build(model.Value, policy.Value) : default;
            if (built.Value is not { } snapshot)
            {
                refused++;
                continue;
            }

            accepted++;
            var engine = new PolicyEngine(snapshot);
            var matcher = snapshot.For(EnforceContext.Default);
            foreach (var request in one.Requests.Take(3).Select(PolicyCase.Values))
            {
                var decision = engine.EnforceEx(request);

                Assert.Equal(decision.IsAllowed, engine.Enforce(request));
                if (request.Length == snapshot.Model.Requests["r"].Names.Length && matcher.LooksAtRules && matcher.Rules.Rules.Length > 0
                    && matcher.Scan(request, null) is { Failure: null, IsAllowed: var isAllowed })
                {
                    compared++;
                    Assert.Equal(isAllowed, decision.IsAllowed);
                }
            }
        }

        Assert.True(refused > 300 && accepted > 300 && compared > 900, $"{refused} refused, {accepted} accepted, {compared} compared");
    }

    [Theory]
    [InlineData("(", "1", ")", 5_000)]
    [InlineData("!", "r.sub", "", 5_000)]
    [InlineData("r.sub == p.sub && ", "true", "", 5_000)]
    [InlineData("-", "1", "", 5_000)]
    [InlineData("2 ** ", "2", "", 5_000)]
    [InlineData("", "r.sub", ".a", 5_000)]
    [InlineData("keyGet(", "r.sub", ", '*')", 5_000)]
    public void An_expression_too_deep_or_long_is_refused(string before, string middle, string after, int times)
    {
        var matcher = string.Concat(Enumerable.Repeat(before, times)) + middle + string.Concat(Enumerable.Repeat(after, times));

        Assert.Contains("more than", Engines.Build(Engines.Model(matcher, "sub", "sub"), "p, ann").Refusal?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_matcher_of_many_alternatives_is_not_multiplied_out_and_still_decides()
    {
        var matcher = string.Join(" && ", Enumerable.Range(0, 20).Select(static i => $"(r.sub == p.sub || r.sub == 'x{i}')"));
        var engine = Engines.Of(Engines.Model(matcher, "sub", "sub"), "p, ann");

        Assert.True(engine.Enforce("ann"));
        Assert.False(engine.Enforce("x1"));
    }

    private static string Spoil(string text, Random random)
    {
        var characters = text.ToList();
        for (var i = random.Next(3); i > 0 && characters.Count > 1; i--)
        {
            var at = random.Next(characters.Count);
            switch (random.Next(3))
            {
                case 0:
                    characters.RemoveAt(at);
                    break;
                case 1:
                    characters[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
                default:
                    characters.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
            }
        }

        return string.Concat(characters);
    }
}
