using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Feeds;

/// <summary>How a consumer behaves.</summary>
internal enum Habit
{
    /// <summary>Takes everything as it comes.</summary>
    Steady,

    /// <summary>Closes its stream now and then, in half of the cases before it kept what it took last, and comes again from what it kept.</summary>
    Restless,

    /// <summary>Takes a message and rests.</summary>
    Slow,

    /// <summary>The control: as restless, but it keeps the checkpoint before it has done its work.</summary>
    Careless,
}

/// <summary>
/// A department's machine that follows, and keeps what it was told together with the checkpoint, as a database transaction would. When it breaks
/// off, what it did not keep is forgotten.
/// </summary>
internal sealed class FeedConsumer(string? district, ExchangeClient client, Habit habit, int seed) : ICheckpointStore
{
    private readonly Random random = new(seed);
    private readonly Dictionary<int, List<Delivery>> kept = [];
    private readonly List<(int Partition, Delivery Delivery)> taken = [];
    private readonly Dictionary<int, long> position = [];
    private StoredCheckpoint? stored;
    private volatile bool rests = habit is Habit.Slow;
    private long deliveries;
    private string? fault;

    /// <summary>Sees only the records of this district; null: all.</summary>
    public string? District => district;

    /// <summary>How it behaves.</summary>
    public Habit Habit => habit;

    /// <summary>Changes it was sent, also those it forgot.</summary>
    public long Deliveries => Volatile.Read(ref deliveries);

    /// <summary>Streams it opened, by itself or through the client library.</summary>
    public int Connections { get; private set; }

    /// <summary>Times it forgot changes.</summary>
    public int Forgot { get; private set; }

    /// <summary>The first thing that was wrong on the way; null when nothing was.</summary>
    public string? Fault => fault;

    /// <summary>What it kept, by partition, in the order it came.</summary>
    public IReadOnlyDictionary<int, List<Delivery>> Kept => kept;

    /// <summary>True when it kept everything up to these positions.</summary>
    public bool Holds(IReadOnlyDictionary<int, long> heads) => stored is { } at && heads.All(head => at.Through.GetValueOrDefault(head.Key) >= head.Value);

    /// <summary>From now on it takes everything as it comes.</summary>
    public void Hurry() => rests = false;

    /// <summary>Follows until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await FollowAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    /// <inheritdoc/>
    public Task<StoredCheckpoint?> LoadAsync(CancellationToken cancellationToken) => Task.FromResult(stored);

    /// <inheritdoc/>
    public Task SaveAsync(StoredCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        Keep(checkpoint);
        return Task.CompletedTask;
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        var messages = habit is Habit.Restless or Habit.Careless ? random.Next(1, 60) : int.MaxValue;
        await using var stream = await client.Feed.FollowAsync(FeedCity.Request, this, stop);
        try
        {
            position.Clear();
            foreach (var (partition, through) in stored?.Through ?? stream.Coverage.Through)
            {
                position[partition] = through;
            }

            await foreach (var message in stream.WithCancellation(stop))
            {
                if (message.Batch is not { } batch)
                {
                    continue;
                }

                if (habit is Habit.Careless)
                {
                    stored = new StoredCheckpoint(batch.Checkpoint, batch.Coverage.ToDictionary(range => range.Partition, range => range.Through));
                }

                Take(stream, batch);
                if (--messages <= 0)
                {
                    // Half of the time with the work done and nothing kept: that is to come again.
                    if (random.Next(2) is 0)
                    {
                        await stream.CommitAsync(stop);
                    }

                    return;
                }

                if (rests && batch.Changes.Count > 0)
                {
                    await Task.Delay(random.Next(100, 400), stop);
                }
            }
        }
        finally
        {
            Connections += stream.Connections;
            Require(stream.Coverage.Gaps.Count is 0, "the client library saw a gap");
            Forgot += taken.Count > 0 ? 1 : 0;
            taken.Clear();
        }
    }

    private void Take(FollowStream stream, FeedBatch batch)
    {
        var before = position.ToDictionary();
        foreach (var range in batch.Coverage)
        {
            Require(range.After == position.GetValueOrDefault(range.Partition), $"a batch of partition {range.Partition} begins after {range.After}, the last ended at {position.GetValueOrDefault(range.Partition)}");
            position[range.Partition] = range.Through;
        }

        foreach (var change in batch.Changes)
        {
            Require(
                change.Position > before.GetValueOrDefault(change.Partition) && change.Position <= position[change.Partition],
                $"position {change.Position} of partition {change.Partition} stands in a batch that does not cover it");
            before[change.Partition] = change.Position;
            taken.Add((change.Partition, Delivery.Of(change, stream.Columns)));
        }

        Interlocked.Add(ref deliveries, batch.Changes.Count);
    }

    // One step: the effect and the checkpoint.
    private void Keep(StoredCheckpoint checkpoint)
    {
        foreach (var (partition, delivery) in taken)
        {
            if (!kept.TryGetValue(partition, out var list))
            {
                kept.Add(partition, list = []);
            }

            list.Add(delivery);
        }

        taken.Clear();
        stored = checkpoint;
    }

    private void Require(bool isRight, string otherwise) => fault ??= isRight ? null : otherwise;
}
