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
    private IReadOnlyDictionary<int, long> _through;
    private bool _isContiguous = true;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _changes;

    private DemoFollower(string department, FollowStream stream)
    {
        (Department, _stream) = (department, stream);
        Start = new Dictionary<int, long>(stream.Coverage.Through);
        _through = Start;
        Running = RunAsync();
    }

    /// <summary>Who follows.</summary>
    public string Department { get; }

    /// <summary>Where it began.</summary>
    public IReadOnlyDictionary<int, long> Start { get; }

    /// <summary>Ends only with what ends the feed.</summary>
    public Task Running { get; }

    /// <summary>Changes received so far.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Columns it may read.</summary>
    public int Columns => _stream.Columns.Count;

    /// <summary>Told each batch's changes once the show is on.</summary>
    public Action<string, FeedBatch>? OnBatch { get; set; }

    /// <summary>Begins to follow from now.</summary>
    public static async Task<DemoFollower> StartAsync(string department, ExchangeClient client, FollowRequest request, CancellationToken cancellationToken) =>
        new(department, await client.Feed.FollowAsync(request, new MemoryCheckpointStore(), cancellationToken));

    /// <summary>
    /// Waits until everything up to these positions was received and counted, or something is missing. True only when the ranges received prove it.
    /// </summary>
    public async Task<bool> CatchUpAsync(IReadOnlyDictionary<int, long> heads, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (!_isContiguous)
                {
                    return false;
                }

                if (heads.All(h => _through.GetValueOrDefault(h.Key) >= h.Value))
                {
                    return true;
                }

                moved = _moved.Task;
            }

            if (await Task.WhenAny(moved, Running).WaitAsync(cancellationToken) == Running)
            {
                await Running; // throws what ended the feed
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
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
                    OnBatch?.Invoke(Department, batch);
                    Interlocked.Add(ref _changes, batch.Changes.Count);
                }

                lock (_lock)
                {
                    // The stream's proof is a message ahead of what was done here.
                    (_through, _isContiguous) = (_stream.Coverage.Through, _stream.Coverage.IsContiguous);
                    _moved.TrySetResult();
                    _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }
}
