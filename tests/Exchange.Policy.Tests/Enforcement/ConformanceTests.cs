using System.Text.Json;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

public sealed class ConformanceTests
{
    [Fact]
    public void Every_case_of_casbins_examples_gets_casbins_answer()
    {
        var folder = FindExamples();
        if (folder is null)
        {
            Assert.Skip("the examples are not beside this checkout (../shared/casbin)");
        }

        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var differences = new List<string>();
        var (pairs, cases) = (0, 0);
        foreach (var pair in expected.RootElement.EnumerateArray())
        {
            pairs++;
            var name = $"{pair.GetProperty("model").GetString()} {pair.GetProperty("policy").GetString()}";
            var engine = Engines.Of(
                File.ReadAllText(Path.Combine(folder, pair.GetProperty("model").GetString()!)),
                File.ReadAllText(Path.Combine(folder, pair.GetProperty("policy").GetString()!)));
            foreach (var one in pair.GetProperty("cases").EnumerateArray())
            {
                cases++;
                PolicyValue[] request = [.. one.EnumerateArray().SkipLast(1).Select(static value => (PolicyValue)value.GetString())];
                var decision = engine.EnforceEx(request);
                if (engine.Enforce(request) != one[one.GetArrayLength() - 1].GetBoolean() || decision.IsAllowed != engine.Enforce(request))
                {
                    differences.Add($"{name}: {one} {decision.Failure}");
                }
            }
        }

        Assert.Empty(differences);
        Assert.Equal((17, 1_610), (pairs, cases));
    }

    private static string? FindExamples()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var examples = Path.Combine(folder.FullName, "shared", "casbin");
            if (File.Exists(Path.Combine(examples, "expected.json")))
            {
                return examples;
            }
        }

        return null;
    }
}
