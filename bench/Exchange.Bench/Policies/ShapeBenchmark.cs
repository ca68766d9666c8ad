using System.Diagnostics;
using Exchange.Bench.Reporting;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>One shape: the engine, the same compiled matcher over all rules without the index, and npm `casbin`, each round one after the other.</summary>
internal sealed class ShapeBenchmark
{
    // Rules times answers that are compared before anything is timed: every side must say the same.
    private const int MostCompared = 200_000;

    private const int CasbinWarmUp = 0;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan CasbinWindow = TimeSpan.FromMilliseconds(20);

    private readonly PolicyShape shape;
    private readonly PolicyValue[][] requests;
    private readonly PolicyEngine engine;
    private readonly CompiledMatcher matcher;
    private readonly CasbinSide? casbin;
    private readonly List<BenchRound> decisions = [];
    private readonly List<BenchRound> overScan = [];
    private readonly List<BenchRound> overCasbin = [];
    private int asked;
    private int scanned;
    private int allowed;
    private int engineTimes = 1_024;
    private int scanTimes = 1;

    private ShapeBenchmark(PolicyShape shape, PolicySnapshot snapshot, CasbinSide? casbin)
    {
        (this.shape, this.casbin, requests) = (shape, casbin, [.. shape.Requests]);
        engine = new PolicyEngine(snapshot);
        matcher = snapshot.For(EnforceContext.Default);
    }

    /// <summary>Most bytes that a decision allocated, over all rounds.</summary>
    public double Bytes { get; private set; }

    /// <summary>How long the snapshot took to build, once and cold.</summary>
    public TimeSpan BuildTime { get; private init; }

    /// <summary>The shape's name.</summary>
    public string Name => shape.Name;

    /// <summary>Builds all sides and makes sure that they answer alike.</summary>
    public static async Task<ShapeBenchmark> PrepareAsync(PolicyShape shape, CasbinSide? casbin, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var made = new ShapeBenchmark(shape, shape.Build(), casbin) { BuildTime = Stopwatch.GetElapsedTime(start) };
        var compared = shape.Requests.Take(Math.Clamp(MostCompared / (made.matcher.Rules.Rules.Length + 1), 8, shape.Requests.Count)).ToList();
        var answers = string.Concat(compared.Select(request => made.engine.Enforce(request) ? '1' : '0'));
        var scans = made.matcher.LooksAtRules && made.HasRules ? string.Concat(compared.Select(request => made.matcher.Scan(request, null).IsAllowed ? '1' : '0')) : answers;
        var theirs = casbin is null ? answers : await casbin.LoadAsync(shape, compared.Count, cancellationToken);
        return answers == scans && answers == theirs && answers.Contains('1') && answers.Contains('0')
            ? made
            : throw new InvalidOperationException($"{shape.Name}: the sides answer differently\nengine {answers}\nscan   {scans}\ncasbin {theirs}");
    }

    /// <summary>Measures one round; those before the first warm up and are not kept. The npm package's side is the slow one and takes part in the last one.</summary>
    public async Task RunAsync(int round, CancellationToken cancellationToken)
    {
        var (nanoseconds, bytes) = Timing.Measure(Decide, Window, ref engineTimes);
        var scan = HasRules ? Timing.Measure(Scan, Window, ref scanTimes).Nanoseconds : 0;
        var npm = casbin is null || round < CasbinWarmUp ? 0 : await casbin.TimeAsync(shape, CasbinWindow, cancellationToken);
        if (round < 1)
        {
            return;
        }

        Bytes = Math.Max(Bytes, bytes);
        decisions.Add(new BenchRound(nanoseconds, null));
        overScan.Add(new BenchRound(1e9 / nanoseconds, 1e9 / scan));
        overCasbin.Add(new BenchRound(1e9 / nanoseconds, 1e9 / npm));
    }

    /// <summary>The rows of the report: the decision alone, beside the scan, and beside npm `casbin`. Ratios for which the issue sets no goal inform, as nanoseconds do.</summary>
    public IEnumerable<BenchResult> Results()
    {
        yield return BenchResult.AtMost($"policy/{shape.Name}", "ns/decision", shape.Nanoseconds, decisions) with { Informs = true };
        if (HasRules)
        {
            yield return BenchResult.Of($"policy/{shape.Name}/scan", "decisions/s", shape.OverScan ?? 1, overScan) with { Informs = shape.OverScan is null, IsShare = false };
        }

        if (casbin is not null)
        {
            yield return BenchResult.Of($"policy/{shape.Name}/npm", "decisions/s", shape.OverCasbin ?? 1, overCasbin) with { Informs = shape.OverCasbin is null, IsShare = false };
        }
    }

    private bool HasRules => matcher.Rules.Rules.Length > 0;

    private void Decide(int times)
    {
        for (var i = 0; i < times; i++)
        {
            allowed += engine.Enforce(requests[asked]) ? 1 : 0;
            asked = asked + 1 == requests.Length ? 0 : asked + 1;
        }
    }

    private void Scan(int times)
    {
        for (var i = 0; i < times; i++)
        {
            allowed += matcher.Scan(requests[scanned], null).IsAllowed ? 1 : 0;
            scanned = scanned + 1 == requests.Length ? 0 : scanned + 1;
        }
    }
}
