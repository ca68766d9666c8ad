using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Server.Tests.Feed;

/// <summary>
/// A reader of a feed as a client would write one: keeps what it was told of each record, and fails the test when a batch is not contiguous with the one
/// before or covers what it does not show.
/// </summary>
internal sealed class Follower : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly AsyncServerStreamingCall<FollowResponse> call;
    private readonly Dictionary<int, long> positions = [];

    private Follower(AsyncServerStreamingCall<FollowResponse> call) => this.call = call;

    /// <summary>Names of the columns, in their order.</summary>
    public IReadOnlyList<string> Columns { get; private set; } = [];

    /// <summary>Every start so far.</summary>
    public List<FollowStart> Starts { get; } = [];

    /// <summary>Every announcement of more so far.</summary>
    public List<Backfill> Backfills { get; } = [];

    /// <summary>Every change so far.</summary>
    public List<Change> Changes { get; } = [];

    /// <summary>Resumes after what was read.</summary>
    public string Checkpoint { get; private set; } = "";

    /// <summary>Where the reader is.</summary>
    public IReadOnlyDictionary<int, long> Positions => positions;

    /// <summary>What the reader knows: values by field of each record it was told of and not told to forget.</summary>
    public Dictionary<Guid, Dictionary<string, Value>> Records { get; } = [];

    /// <summary>Begins to follow; fails with what the hub answers when it does not begin.</summary>
    public static async Task<Follower> BeginAsync(FeedService.FeedServiceClient feed, FollowRequest request)
    {
        var follower = new Follower(feed.Follow(request));
        await follower.ReadAsync();
        Assert.Single(follower.Starts);
        return follower;
    }

    /// <summary>Goes on with another stream where this one is, keeping what it knows.</summary>
    public async Task<Follower> ResumeAsync(FeedService.FeedServiceClient feed, FollowRequest request)
    {
        request.Checkpoint = Checkpoint;
        var next = new Follower(feed.Follow(request));
        foreach (var (id, values) in Records)
        {
            next.Records.Add(id, values);
        }

        await next.ReadAsync();
        Assert.Equal(positions.OrderBy(p => p.Key), next.positions.OrderBy(p => p.Key));
        return next;
    }

    /// <summary>Takes over what was read in another way.</summary>
    public void Know(Dictionary<Guid, Dictionary<string, Value>> records)
    {
        foreach (var (id, values) in records)
        {
            Records.Add(id, values);
        }
    }

    /// <summary>Reads one message.</summary>
    public async Task<FollowResponse> ReadAsync()
    {
        if (!await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience))
        {
            throw new InvalidOperationException("a feed ends with a status, never like that");
        }

        var message = call.ResponseStream.Current;
        switch (message.MessageCase)
        {
            case FollowResponse.MessageOneofCase.Start:
                Take(message.Start);
                break;
            case FollowResponse.MessageOneofCase.Batch:
                Take(message.Batch);
                break;
            case FollowResponse.MessageOneofCase.Backfill:
                Backfills.Add(message.Backfill);
                break;
            default:
                Assert.Fail("an empty message");
                break;
        }

        return message;
    }

    /// <summary>Reads until everything up to these positions is covered.</summary>
    public async Task ReadThroughAsync(IReadOnlyDictionary<int, long> heads)
    {
        while (heads.Any(head => positions.TryGetValue(head.Key, out var position) && position < head.Value))
        {
            await ReadAsync();
        }
    }

    /// <summary>Reads until the condition holds.</summary>
    public async Task ReadUntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await ReadAsync();
        }
    }

    /// <summary>Reads until the stream ends, and returns how.</summary>
    public async Task<RpcException> ReadToEndAsync() => await Assert.ThrowsAsync<RpcException>(async () =>
    {
        while (true)
        {
            await ReadAsync();
        }
    });

    /// <summary>Takes nothing from the stream: waits for its status.</summary>
    public void Dispose() => call.Dispose();

    private void Take(FollowStart start)
    {
        Starts.Add(start);
        Columns = [.. start.Columns.Select(column => column.Field)];
        Checkpoint = start.Checkpoint;
        foreach (var from in start.From)
        {
            Assert.Equal(from.After, from.Through);
            Assert.Equal(positions.GetValueOrDefault(from.Partition, from.After), from.After);
            positions[from.Partition] = from.After;
        }
    }

    private void Take(FeedBatch batch)
    {
        Assert.Equal(positions.Keys.Order(), batch.Coverage.Select(range => range.Partition));
        foreach (var range in batch.Coverage)
        {
            Assert.Equal(positions[range.Partition], range.After);
            Assert.True(range.Through >= range.After);
            positions[range.Partition] = range.Through;
        }

        foreach (var partition in batch.Changes.GroupBy(change => change.Partition))
        {
            var range = batch.Coverage.Single(range => range.Partition == partition.Key);
            Assert.All(partition, change => Assert.InRange(change.Position, range.After + 1, range.Through));
            Assert.Equal(partition.Select(change => change.Position).Order(), partition.Select(change => change.Position));
        }

        foreach (var change in batch.Changes)
        {
            Take(change);
        }

        Checkpoint = batch.Checkpoint;
    }

    private void Take(Change change)
    {
        Changes.Add(change);
        var id = new Guid(change.RecordId.Span, bigEndian: true);
        if (change.Kind is ChangeKind.Withdrawn)
        {
            Assert.Empty(change.Columns);
            Records.Remove(id);
            return;
        }

        if (change.Kind is ChangeKind.Entered || !Records.TryGetValue(id, out var values))
        {
            Records[id] = values = [];
        }

        Assert.Equal(change.Columns.Count, change.Values.Count);
        foreach (var (column, value) in change.Columns.Zip(change.Values))
        {
            if (value.KindCase is Value.KindOneofCase.None)
            {
                values.Remove(Columns[column]);
            }
            else
            {
                values[Columns[column]] = value;
            }
        }

        foreach (var column in change.WithdrawnColumns)
        {
            values.Remove(Columns[column]);
        }
    }
}
