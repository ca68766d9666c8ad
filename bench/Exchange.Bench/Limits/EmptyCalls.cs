using System.Diagnostics;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Exchange.Bench.Limits;

/// <summary>
/// Unary calls that ask nothing of the hub: its health, open to anybody, over one connection as the client library's. What gRPC alone costs a caller and
/// the hub.
/// </summary>
internal sealed class EmptyCalls(Uri address) : IDisposable
{
    private readonly GrpcChannel channel = GrpcChannel.ForAddress(address);

    /// <summary>Seconds for so many calls by so many callers, each of whom waits for its answers.</summary>
    public Task<double> RunAsync(int callers, int calls, CancellationToken cancellationToken) =>
        RunAsync(callers, calls, () => Task.CompletedTask, cancellationToken);

    /// <summary>The same, with something that the caller waits for after each.</summary>
    public async Task<double> RunAsync(int callers, int calls, Func<Task> then, CancellationToken cancellationToken)
    {
        var health = new Health.HealthClient(channel);
        var next = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) <= calls)
                {
                    await health.CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow.AddMinutes(1), cancellationToken: cancellationToken);
                    await then();
                }
            },
            cancellationToken)));
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => channel.Dispose();
}
