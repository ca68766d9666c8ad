using Exchange.Bench.Reporting;

namespace Exchange.Bench.Policies;

/// <summary>
/// The policy engine on the shapes of Casbin's benchmarks, beside its own scan of all rules and npm `casbin`; plans and masks.
/// All sides are warmed up on all shapes first, and every round measures every shape.
/// </summary>
/// <param name="rounds">Measured rounds.</param>
/// <param name="warmUps">Rounds before them that are not kept, until all is compiled with what was learnt about it.</param>
public sealed class PolicyBenchmark(int rounds, int warmUps)
{
    /// <summary>Name on the command line.</summary>
    public const string Name = "policy";

    /// <summary>Measures everything. Without the npm package its rows are left out.</summary>
    public async Task<IReadOnlyList<BenchResult>> RunAsync(CancellationToken cancellationToken)
    {
        await using var casbin = CasbinSide.Start();
        if (casbin is null)
        {
            await Console.Error.WriteLineAsync("policy: the npm package casbin is not installed in tests/npm; its rows are left out");
        }

        var shapes = new List<ShapeBenchmark>();
        foreach (var shape in PolicyShapes.All())
        {
            var prepared = await ShapeBenchmark.PrepareAsync(shape, casbin, cancellationToken);
            shapes.Add(prepared);
            await Console.Error.WriteLineAsync($"policy/{shape.Name}: snapshot built in {prepared.BuildTime.TotalMilliseconds:0} ms, every side gives the same answers");
        }

        PlanBenchmark[] plans = [PlanBenchmark.Usual(), PlanBenchmark.Large()];
        var masks = new MaskBenchmark();
        GC.Collect();
        for (var round = 1 - warmUps; round <= rounds; round++)
        {
            foreach (var shape in shapes)
            {
                await shape.RunAsync(round, cancellationToken);
            }

            foreach (var plan in plans)
            {
                plan.Run(round < 1);
            }

            masks.Run(round < 1);
        }

        var allocated = BenchResult.AtMost("policy/allocated", "B/decision, worst", 0, [.. shapes.Select(shape => new BenchRound(shape.Bytes, null))]);
        return [.. shapes.SelectMany(shape => shape.Results()), allocated with { Hub = shapes.Max(shape => shape.Bytes) }, .. plans.Select(plan => plan.Result()), .. masks.Results()];
    }
}
