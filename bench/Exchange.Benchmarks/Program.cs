using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Exchange.Benchmarks;

/// <summary><c>./exchange bench micro [--filter GLOB]…</c>: the parts that run for every event, value or plan, each alone; BenchmarkDotNet's options.</summary>
public static class Program
{
    /// <summary>Measures; all of them when nothing is named.</summary>
    public static void Main(string[] arguments)
    {
        // In this process: it is built and configured as the hub is, and needs no build of its own for each benchmark.
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "exchange-benchmarks"));
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments is [] ? ["--filter", "*"] : arguments, config);
    }
}
