using Exchange.Clients.Hub;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Clients.Feed;

/// <summary>
/// What a feed sends, to be enumerated once: starts (columns changed), batches, backfills. When the stream breaks or the token
/// expires it is opened again from the last batch that was given, so nothing is lost; a batch may come twice. A batch's checkpoint
/// is stored when the next message is asked for, that is, after the caller has done its work with it: what is to outlive a loss
/// of power must be durable by then, or it is lost and never sent again. After a gap (<see cref="Coverage"/>) the messages go on, but the
/// checkpoint stays before it: the stream opened again, by itself or by the next run, begins there and brings what was missing.
/// </summary>
public sealed class FollowStream : IAsyncEnumerable<FollowResponse>, IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly FollowRequest _request;
    private readonly ICheckpointStore _checkpoints;
    private readonly Recovery _recovery;
    private AsyncServerStreamingCall<FollowResponse>? _call;
    private FollowStart? _start;
    private AccessToken? _token;
    private IReadOnlyDictionary<int, long> _through;

    internal FollowStream(HubConnection hub, FollowRequest request, ICheckpointStore checkpoints, StoredCheckpoint? stored)
    {
        (_hub, _checkpoints) = (hub, checkpoints);
        _request = request.Clone();
        Coverage = new CoverageProof(stored?.Through);
        _through = Coverage.Through;
        _recovery = new Recovery(hub);
        if (stored is not null)
        {
            _request.Checkpoint = stored.Checkpoint;
        }
    }

    /// <summary>Whether everything arrived, computed from the ranges received.</summary>
    public CoverageProof Coverage { get; }

    /// <summary>What the values of each change are, by the indexes in its columns.</summary>
    public IReadOnlyList<Column> Columns { get; private set; } = [];

    /// <summary>How often the stream was opened; more than once means it was resumed.</summary>
    public int Connections { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerator<FollowResponse> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var message = await NextAsync(cancellationToken);
            var isBatch = message.Batch is not null;
            if (message.Batch is { } batch)
            {
                Coverage.Add(batch);
                Stand(batch.Checkpoint);
            }

            // From here on the message is its reader's alone: it is not kept while the next one is read, which would have the collector copy it.
            yield return message;
            if (isBatch)
            {
                await CommitAsync(cancellationToken);
            }
        }
    }

    /// <summary>
    /// Stores where the stream is now, or, once something is missing, where it was before that. The enumeration does it itself; whoever leaves it
    /// after a batch calls it once more.
    /// </summary>
    public Task CommitAsync(CancellationToken cancellationToken) => _checkpoints.SaveAsync(new StoredCheckpoint(_request.Checkpoint, _through), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _call?.Dispose();
        return ValueTask.CompletedTask;
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        while (_call is null)
        {
            try
            {
                await OpenAsync(cancellationToken);
            }
            catch (Exception e)
            {
                await RecoverAsync(e, cancellationToken);
            }
        }
    }

    private async Task<FollowResponse> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_call is null)
                {
                    await OpenAsync(cancellationToken);
                }

                if (_start is { } opened)
                {
                    _start = null;
                    return new FollowResponse { Start = opened };
                }

                if (!await _call!.ResponseStream.MoveNext(cancellationToken))
                {
                    throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the feed");
                }

                _recovery.Progress();
                var message = _call.ResponseStream.Current;
                if (message.Start is not { } start)
                {
                    return message;
                }

                Begin(start);
            }
            catch (Exception e)
            {
                await RecoverAsync(e, cancellationToken);
            }
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _token = null;
        _token = await _hub.Tokens.TakeAsync(cancellationToken);
        var call = _hub.Invoker.AsyncServerStreamingCall(FeedMessages.Follow, null, HubConnection.Call(_token, cancellationToken), _request);
        _call = call;
        Connections++;
        if (!await call.ResponseStream.MoveNext(cancellationToken) || call.ResponseStream.Current.Start is not { } start)
        {
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the feed before its start");
        }

        _recovery.Opened();
        Begin(start);
    }

    /// <summary>From here on the stream is resumed from this start, until a batch brings a later checkpoint.</summary>
    private void Begin(FollowStart start)
    {
        Coverage.Begin(start.From);
        Columns = [.. start.Columns];
        Stand(start.Checkpoint);
        _start = start;
    }

    // INVARIANT: everything up to the checkpoint arrived. One from behind a gap is neither stored nor resumed from: nobody would miss the gap any more.
    private void Stand(string checkpoint)
    {
        if (Coverage.IsContiguous)
        {
            (_request.Checkpoint, _through) = (checkpoint, Coverage.Through);
        }
    }

    private async Task RecoverAsync(Exception exception, CancellationToken cancellationToken)
    {
        _call?.Dispose();
        _call = null;
        await _recovery.RecoverAsync(exception, _token, true, cancellationToken);
    }
}
