using System.Runtime.CompilerServices;
using Exchange.Clients.Hub;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Clients.Records;

/// <summary>
/// The batches of a pull, to be enumerated once. When the stream breaks or the token expires, the pull goes on after the last batch that
/// arrived: no record is lost and none comes twice.
/// </summary>
public sealed class PullStream : IAsyncEnumerable<RecordBatch>, IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly PullRequest _request;
    private readonly Recovery _recovery;
    private AsyncServerStreamingCall<PullResponse>? _call;
    private AccessToken? _token;
    private bool _complete;

    internal PullStream(HubConnection hub, PullRequest request)
    {
        _hub = hub;
        _request = request.Clone();
        _recovery = new Recovery(hub);
    }

    /// <summary>What the values of each row are, in their order.</summary>
    public IReadOnlyList<Column> Columns { get; private set; } = [];

    /// <summary>Taken before the first page: following from here leaves no hole.</summary>
    public string Checkpoint { get; private set; } = "";

    /// <summary>Governance position of the access plan.</summary>
    public long Revision { get; private set; }

    /// <summary>Rows given so far.</summary>
    public long Rows { get; private set; }

    /// <summary>How often the stream was opened; more than once means it was resumed.</summary>
    public int Connections { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerator<RecordBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await NextAsync(cancellationToken) is { } batch)
        {
            Rows += batch.Rows.Count;
            _request.PageToken = batch.PageToken;
            if (_request.Limit > 0)
            {
                // A limit of 0 would be none: a stream that breaks after its last row is not opened again.
                _request.Limit = Math.Max(0, _request.Limit - batch.Rows.Count);
                _complete = _request.Limit is 0;
            }

            yield return batch;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _call?.Dispose();
        return ValueTask.CompletedTask;
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await OpenAsync(cancellationToken);
                return;
            }
            catch (Exception e)
            {
                await RecoverAsync(e, cancellationToken);
            }
        }
    }

    private async Task<RecordBatch?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_call is null)
                {
                    await OpenAsync(cancellationToken);
                }

                while (await _call!.ResponseStream.MoveNext(cancellationToken))
                {
                    switch (_call.ResponseStream.Current)
                    {
                        case { Batch: { } batch }:
                            _recovery.Progress();
                            return batch;
                        case { End: not null }:
                            return null;
                        default:
                            break;
                    }
                }

                throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the pull before its end");
            }
            catch (Exception) when (_complete && !cancellationToken.IsCancellationRequested)
            {
                return null;
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
        _call = _hub.Invoker.AsyncServerStreamingCall(PullMessages.Pull, null, HubConnection.Call(_token, cancellationToken), _request);
        Connections++;
        if (!await _call.ResponseStream.MoveNext(cancellationToken) || _call.ResponseStream.Current.Start is not { } start)
        {
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the pull before its start");
        }

        _recovery.Opened();
        if (Checkpoint.Length == 0)
        {
            (Columns, Checkpoint, Revision) = ([.. start.Columns], start.Checkpoint, start.Revision);
        }
        else if (!start.Columns.SequenceEqual(Columns))
        {
            throw new ExchangeException(StatusCode.Aborted, "COLUMNS_CHANGED", "what may be read changed while pulling; pull again from the beginning");
        }
    }

    private async Task RecoverAsync(Exception exception, CancellationToken cancellationToken)
    {
        _call?.Dispose();
        _call = null;
        await _recovery.RecoverAsync(exception, _token, true, cancellationToken);
    }
}
