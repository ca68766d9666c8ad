using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Cli.Demo;

/// <summary>A department that follows the feed for as long as the demo runs.</summary>
internal sealed class DemoFollower : IAsyncDisposable
{
    private readonly FollowStream _stream;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Task _running;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _changes;

    private DemoFollower(string department, FollowStream stream)
    {
        (Department, _stream) = (department, stream);
        Start = new Dictionary<int, long>(stream.Coverage.Through);
        _running = RunAsync();
    }

    /// <summary>Who follows.</summary>
    public string Department { get; }

    /// <summary>Where it began.</summary>
    public IReadOnlyDictionary<int, long> Start { get; }

    /// <summary>Changes received so far.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Columns it may read.</summary>
    public int Columns => _stream.Columns.Count;

    /// <summary>Told each batch's changes once the show is on.</summary>
    public Action<string, FeedBatch>? OnBatch { get; set; }

    /// <summary>Begins to follow from now.</summary>
    public static async Task<DemoFollower> StartAsync(string department, ExchangeClient client, FollowRequest request, CancellationToken cancellationToken) =>
        new(department, await client.Feed.FollowAsync(request, new MemoryCheckpointStore(), cancellationToken));

    /// <summary>Waits until everything up to these positions was received, or something is missing. True only when the ranges received prove it.</summary>
    public async Task<bool> CatchUpAsync(IReadOnlyDictionary<int, long> heads, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_stream.Coverage.Covers(heads))
                {
                    return true;
                }

                if (!_stream.Coverage.IsContiguous)
                {
                    return false;
                }

                moved = _moved.Task;
            }

            if (await Task.WhenAny(moved, _running).WaitAsync(cancellationToken) == _running)
            {
                await _running; // throws what ended the feed
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await _stream.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var messages = _stream.GetAsyncEnumerator(_stop.Token);
        await using (messages)
        {
            while (await messages.MoveNextAsync())
            {
                if (messages.Current.Batch is { } batch)
                {
                    Interlocked.Add(ref _changes, batch.Changes.Count);
                    OnBatch?.Invoke(Department, batch);
                }

                lock (_lock)
                {
                    _moved.TrySetResult();
                    _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }
}
