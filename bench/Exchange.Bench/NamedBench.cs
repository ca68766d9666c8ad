using Exchange.Bench.Reporting;

namespace Exchange.Bench;

/// <summary>One bench that can be asked for by name.</summary>
/// <param name="Name">Name on the command line; its rows have this name, or begin with it and a slash.</param>
/// <param name="RunAsync">Measures its rounds, hub and limit in turn.</param>
public sealed record NamedBench(string Name, Func<BenchStage, CancellationToken, Task<IReadOnlyList<BenchResult>>> RunAsync);
