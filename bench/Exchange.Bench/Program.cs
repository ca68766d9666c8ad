using Exchange.Bench.Policies;

namespace Exchange.Bench;

/// <summary><c>./exchange bench [NAMES] [--quick] [--json FILE] [--records N] [--rounds N]</c>.</summary>
public static class Program
{
    private static readonly IReadOnlyList<string> Names = [.. ExchangeBenchmark.Names, PolicyBenchmark.Name];

    /// <summary>Measures and prints; 0 when every binding goal is reached, 1 when one is missed, 2 for words that make no sense.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        var (names, json, records, rounds) = (new HashSet<string>(), (string?)null, 100_000, 5);
        for (var i = 0; i < arguments.Length; i++)
        {
            var (argument, value) = (arguments[i], i + 1 < arguments.Length ? arguments[i + 1] : null);
            switch (argument)
            {
                case "--quick":
                    (records, rounds) = (20_000, 3);
                    break;
                case "--json" when value is not null:
                    (json, i) = (value, i + 1);
                    break;
                case "--records" when int.TryParse(value, out var n) && n is >= 1000 and <= 1_000_000:
                    (records, i) = (n, i + 1);
                    break;
                case "--rounds" when int.TryParse(value, out var n) && n is >= 1 and <= 100:
                    (rounds, i) = (n, i + 1);
                    break;
                case var name when Names.Contains(name):
                    names.Add(name);
                    break;
                default:
                    Console.Error.WriteLine(
                        $"bench: `{argument}` makes no sense here. Names: {string.Join(", ", Names)}; --quick; --json FILE; --records 1000 to 1000000; --rounds 1 to 100");
                    return 2;
            }
        }

        var asked = names.Count is 0 ? Names.ToHashSet() : names;
        var results = new List<BenchResult>();
        if (asked.Overlaps(ExchangeBenchmark.Names))
        {
            if (Environment.GetEnvironmentVariable("EXCHANGE_SERVER") is not { Length: > 0 } server || !File.Exists(server))
            {
                Console.Error.WriteLine("bench: EXCHANGE_SERVER does not name the hub's program; run it as ./exchange bench");
                return 2;
            }

            results.AddRange(await new ExchangeBenchmark(server, records, rounds).RunAsync(asked, CancellationToken.None));
        }

        if (asked.Contains(PolicyBenchmark.Name))
        {
            results.AddRange(await new PolicyBenchmark(rounds).RunAsync(CancellationToken.None));
        }

        BenchReport.Print(results);
        if (json is not null)
        {
            await BenchReport.WriteJsonAsync(json, results, CancellationToken.None);
        }

        return results.All(r => r.Reached || r.Informs) ? 0 : 1;
    }
}
