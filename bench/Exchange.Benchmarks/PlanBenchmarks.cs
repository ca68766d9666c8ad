using BenchmarkDotNet.Attributes;
using Exchange.Bench.Policies;

namespace Exchange.Benchmarks;

/// <summary>Compiling access plans of a resource of 40 fields: the shapes of <c>./exchange bench policy</c>.</summary>
[MemoryDiagnoser]
public class PlanBenchmarks
{
    private readonly PlanBenchmark usual = PlanBenchmark.Usual();
    private readonly PlanBenchmark large = PlanBenchmark.Large();

    /// <summary>Among 20 departments.</summary>
    [Benchmark]
    public void Usual() => usual.Compile(1);

    /// <summary>Among 200 departments, with 100 policy rows.</summary>
    [Benchmark]
    public void Large() => large.Compile(1);
}
