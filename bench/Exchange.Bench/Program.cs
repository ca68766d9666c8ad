using System.Diagnostics;
using Exchange.Bench.Reporting;
using Exchange.EventStore.Embedded;
using Spectre.Console;

namespace Exchange.Bench;

/// <summary><c>./exchange bench [NAMES] [--quick] [--json FILE] [--svg FILE] [--rounds N]</c>.</summary>
public static class Program
{
    /// <summary>Measures and prints; 0 when every binding goal is reached, 1 when one is missed, 2 for words that make no sense.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        var (asked, error) = BenchArguments.Parse(arguments, [.. Benches.All.Select(bench => bench.Name)]);
        var server = Environment.GetEnvironmentVariable("EXCHANGE_SERVER");
        error ??= File.Exists(server) ? null : "EXCHANGE_SERVER does not name the hub's program; run it as ./exchange bench";
        if (asked is null || error is not null)
        {
            Console.Error.WriteLine($"bench: {error}");
            return 2;
        }

        var results = new List<BenchResult>();
        Machine machine;
        await using (var stage = new BenchStage(asked, server!))
        {
            foreach (var bench in Benches.All.Where(bench => asked.Names.Contains(bench.Name)))
            {
                var start = Stopwatch.GetTimestamp();
                results.AddRange(await bench.RunAsync(stage, CancellationToken.None));
                BenchStage.Say($"{bench.Name} took {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            }

            machine = Machine.Read(stage.PostgresVersion);
        }

        ResultTable.Print(AnsiConsole.Console, results);
        await WriteAsync(asked, machine, results, CancellationToken.None);
        return results.All(result => result.IsReached || result.Informs) ? 0 : 1;
    }

    private static async Task WriteAsync(BenchArguments asked, Machine machine, IReadOnlyList<BenchResult> results, CancellationToken cancellationToken)
    {
        if (asked.JsonFile is { } json)
        {
            await File.WriteAllTextAsync(json, ResultFile.Rows(results), cancellationToken);
        }

        if (asked.SvgFile is { } svg)
        {
            await File.WriteAllTextAsync(svg, ResultChart.Draw(machine, results), cancellationToken);
        }

        if (asked.IsWhole)
        {
            // A quick run does not replace the figures that count.
            var kept = Path.Combine(EmbeddedPostgresOptions.Checkout, "bench", "results", asked.IsQuick ? "quick" : "latest");
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            await File.WriteAllTextAsync($"{kept}.json", ResultFile.Whole(machine, results), cancellationToken);
            await File.WriteAllTextAsync($"{kept}.svg", ResultChart.Draw(machine, results), cancellationToken);
        }
    }
}
