using System.Diagnostics;
using Exchange.Server.Tests.Grpc;
using Grpc.Core;

namespace Exchange.Server.Tests.Faults.Floods;

/// <summary>A client that calls all the time, from another address than whoever attacks; keeps what became of its calls.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource stop = new();
    private readonly List<TimeSpan> answered = [];
    private readonly Task calling;

    public Bystander(TestClient client, TimeSpan? pause = null) => calling = CallAsync(new EdgeTest.EdgeTestClient(client.Invoker), pause ?? TimeSpan.FromMilliseconds(2));

    /// <summary>The first call that was not answered; null while there is none.</summary>
    public RpcException? Failed { get; private set; }

    /// <summary>Calls that were answered.</summary>
    public int Answered
    {
        get
        {
            lock (answered)
            {
                return answered.Count;
            }
        }
    }

    /// <summary>What 99 of 100 answers took at most, since so many were there.</summary>
    public TimeSpan Percentile99(int since = 0)
    {
        lock (answered)
        {
            var sorted = answered.Skip(since).Order().ToList();
            return sorted.Count is 0 ? TimeSpan.Zero : sorted[sorted.Count * 99 / 100];
        }
    }

    /// <summary>Returns when so many more calls were answered; none may have failed.</summary>
    public async Task ServedAsync(int more)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var before = Answered; Answered <= before + more && Failed is null;)
        {
            await Task.Delay(5, patience.Token);
        }

        Assert.Null(Failed);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await calling;
        stop.Dispose();
    }

    private async Task CallAsync(EdgeTest.EdgeTestClient calls, TimeSpan pause)
    {
        while (!stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                await calls.UnaryAsync(new EdgeMessage(), deadline: DateTime.UtcNow + Deadline);
                lock (answered)
                {
                    answered.Add(Stopwatch.GetElapsedTime(began));
                }
            }
            catch (RpcException e)
            {
                Failed ??= e;
            }

            await Task.Delay(pause);
        }
    }
}
