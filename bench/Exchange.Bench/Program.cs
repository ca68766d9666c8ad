using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Exchange.Bench.Reporting;
using Exchange.EventStore.Embedded;
using Spectre.Console;

namespace Exchange.Bench;

/// <summary><c>./exchange bench [NAMES] [--quick] [--json FILE] [--svg FILE] [--rounds N]</c>.</summary>
public static class Program
{
    // As a shell tells it of a program ended by SIGINT.
    private const int Stopped = 130;

    /// <summary>Measures and prints; 0 when every binding goal is reached, 1 when one is missed or a bench broke off, 2 for words that make no sense, 130 when it was stopped.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        var (asked, error) = BenchArguments.Parse(arguments, [.. Benches.All.Select(bench => bench.Name)]);
        var server = Environment.GetEnvironmentVariable("EXCHANGE_SERVER");
        error ??= File.Exists(server) ? null : "EXCHANGE_SERVER does not name the hub's program; run it as ./exchange bench";
        error ??= asked is null || new[] { asked.JsonFile, asked.SvgFile }.All(HasFolder) ? null : "there is no folder for the file that --json or --svg names";
        if (asked is null || error is not null)
        {
            Console.Error.WriteLine($"bench: {error}");
            return 2;
        }

        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await RunAsync(asked, server!, stopping.Token);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            Console.Error.WriteLine("bench: stopped; nothing is left behind");
            return Stopped;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static async Task<int> RunAsync(BenchArguments asked, string server, CancellationToken cancellationToken)
    {
        var (results, broken) = (new List<BenchResult>(), new List<string>());
        Machine machine;
        await using (var stage = new BenchStage(asked, server))
        {
            foreach (var bench in Benches.All.Where(bench => asked.Names.Contains(bench.Name)))
            {
                var start = Stopwatch.GetTimestamp();
                if (await TryAsync(bench, stage, cancellationToken) is { } measured)
                {
                    results.AddRange(measured);
                }
                else
                {
                    broken.Add(bench.Name);
                }

                BenchStage.Say($"{bench.Name} took {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            }

            machine = Machine.Read(stage.PostgresVersion);
        }

        ResultTable.Print(AnsiConsole.Console, results);
        broken.ForEach(name => Console.Error.WriteLine($"bench: {name} broke off, see above; its rows are missing"));
        await WriteAsync(asked, machine, results, isComplete: broken.Count is 0, cancellationToken);
        return broken.Count is 0 && results.All(result => result.IsReached || result.Informs) ? 0 : 1;
    }

    [SuppressMessage("Design", "CA1031", Justification = "what the other benches measure, over many minutes, is not lost with one of them; the fault is told and the run fails")]
    private static async Task<IReadOnlyList<BenchResult>?> TryAsync(NamedBench bench, BenchStage stage, CancellationToken cancellationToken)
    {
        try
        {
            return await bench.RunAsync(stage, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            BenchStage.Say($"{bench.Name}: {e}");
            return null;
        }
    }

    private static bool HasFolder(string? file) => file is null || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file)));

    private static async Task WriteAsync(BenchArguments asked, Machine machine, IReadOnlyList<BenchResult> results, bool isComplete, CancellationToken cancellationToken)
    {
        if (asked.JsonFile is { } json)
        {
            await File.WriteAllTextAsync(json, ResultFile.Rows(results), cancellationToken);
        }

        if (asked.SvgFile is { } svg)
        {
            await File.WriteAllTextAsync(svg, ResultChart.Draw(machine, results), cancellationToken);
        }

        if (asked.IsWhole && isComplete)
        {
            // A quick run does not replace the figures that count.
            var kept = Path.Combine(EmbeddedPostgresOptions.Checkout, "bench", "results", asked.IsQuick ? "quick" : "latest");
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            await File.WriteAllTextAsync($"{kept}.json", ResultFile.Whole(machine, results), cancellationToken);
            await File.WriteAllTextAsync($"{kept}.svg", ResultChart.Draw(machine, results), cancellationToken);
        }
    }
}
