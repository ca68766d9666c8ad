using Exchange.Bench.Hubs;
using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Bench.Feed;

/// <summary>Open change feeds of which every message is taken at once, counting how long each change was on its way.</summary>
internal sealed class Followers : IAsyncDisposable
{
    private const int OpenedAtOnce = 32;

    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> reading = [];
    private volatile LatencyCounts latencies = new();

    /// <summary>Feeds open.</summary>
    public int Count => reading.Count;

    /// <summary>What was counted since <see cref="CountAnew"/>.</summary>
    public LatencyCounts Latencies => latencies;

    /// <summary>Begins a new count.</summary>
    public LatencyCounts CountAnew() => latencies = new LatencyCounts();

    /// <summary>Opens so many feeds of a resource from now on.</summary>
    public async Task OpenAsync(ExchangeClient client, BenchResource resource, int count, CancellationToken cancellationToken)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(OpenedAtOnce))
        {
            var opened = await Task.WhenAll(chunk.Select(_ => client.Feed.FollowAsync(
                new FollowRequest { Resource = resource.Name, Purpose = Purpose.Analysis }, new MemoryCheckpointStore(), cancellationToken)));
            reading.AddRange(opened.Select(feed => Task.Run(() => ReadAsync(feed), CancellationToken.None)));
        }
    }

    /// <summary>Waits until so many changes were counted; throws when none comes for half a minute, or a feed ended.</summary>
    public async Task WaitAsync(long changes, CancellationToken cancellationToken)
    {
        for (var (seen, quiet) = (-1L, 0); Latencies.Count < changes; quiet++)
        {
            if (reading.Find(task => task.IsCompleted) is { } ended)
            {
                await ended;
            }

            (seen, quiet) = Latencies.Count == seen ? (seen, quiet) : (Latencies.Count, 0);
            if (quiet > 300)
            {
                throw new InvalidOperationException($"{seen} of {changes} changes came");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Closes the feeds.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(reading);
        stopping.Dispose();
    }

    private async Task ReadAsync(FollowStream feed)
    {
        await using (feed)
        {
            try
            {
                await foreach (var message in feed.WithCancellation(stopping.Token))
                {
                    if (message.Batch is { Changes.Count: > 0 } batch)
                    {
                        var (now, counts) = (DateTimeOffset.UtcNow, latencies);
                        foreach (var change in batch.Changes)
                        {
                            counts.Add(now - change.RecordTime.ToDateTimeOffset());
                        }
                    }
                }
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                // Closed by this side.
            }
        }
    }
}
