using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Exchange.Clients.Hub;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Clients.Records;

/// <summary>
/// A push with several batches in flight. When the connection breaks or the token expires, the stream is opened again and every
/// batch without a receipt is sent again under the same push id and sequence, which the hub answers with the same receipt.
/// Not for several threads.
/// </summary>
/// <typeparam name="TTag">What the caller keeps with each record.</typeparam>
public sealed class PushSession<TTag> : IAsyncDisposable
{
    private static readonly TimeSpan _statusPatience = TimeSpan.FromSeconds(5);

    private readonly HubConnection _hub;
    private readonly PushHeader _header;
    private readonly PushOptions _options;
    private readonly Func<IReadOnlyList<PushedItem<TTag>>, PushReceipt, ValueTask> _onReceipt;

    private readonly Channel<Batch> _batches = Channel.CreateUnbounded<Batch>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Batch> _unanswered = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private readonly Stack<PushBuffer> _spare = [];

    private List<PushedItem<TTag>> _next = [];
    private PushBuffer _nextBytes = new();
    private long _sequence;
    private int _connections;
    private ExceptionDispatchInfo? _fault;

    internal PushSession(
        HubConnection hub,
        PushHeader header,
        PushOptions options,
        Func<IReadOnlyList<PushedItem<TTag>>, PushReceipt, ValueTask> onReceipt)
    {
        (_hub, _header, _options, _onReceipt) = (hub, header, options, onReceipt);
        _slots = new SemaphoreSlim(options.InFlight, options.InFlight);
        _running = RunAsync();
    }

    /// <summary>How often the stream was opened; more than once means it was resumed.</summary>
    public int Connections => _connections;

    /// <summary>Adds a record; waits while too many batches are in flight.</summary>
    /// <exception cref="ExchangeException">The push was refused as a whole.</exception>
    public async ValueTask AddAsync(PushedRecord record, TTag tag, CancellationToken cancellationToken)
    {
        var size = record.CalculateSize();
        var bytes = size + 8;
        if (_next.Count > 0 && (_next.Count == _options.BatchRecords || _nextBytes.Length + bytes > _options.BatchBytes))
        {
            await FlushAsync(cancellationToken);
        }

        if (bytes > PushOptions.LargestBatch)
        {
            await RefuseAsync(new PushedItem<TTag>(record, tag), bytes, cancellationToken);
            return;
        }

        _next.Add(new PushedItem<TTag>(record, tag));
        _nextBytes.Add(record, size);
    }

    /// <summary>Sends what was added, without waiting for its receipt.</summary>
    /// <exception cref="ExchangeException">The push was refused as a whole.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_next.Count == 0)
        {
            return;
        }

        await WaitAsync(_slots, cancellationToken);
        var batch = new Batch(++_sequence, _next, _nextBytes);
        lock (_lock)
        {
            _unanswered.Add(batch.Sequence, batch);
            _nextBytes = _spare.TryPop(out var spare) ? spare : new PushBuffer();
        }

        _next = [];

        await _batches.Writer.WriteAsync(batch, cancellationToken);
    }

    /// <summary>Sends what is left and returns when every batch has its receipt.</summary>
    /// <exception cref="ExchangeException">The push was refused as a whole.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        _batches.Writer.TryComplete();
        await _running.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _batches.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _stop.Dispose();
        _slots.Dispose();
        _turn.Dispose();
    }

    private async Task RefuseAsync(PushedItem<TTag> item, int bytes, CancellationToken cancellationToken)
    {
        var error = new FieldError { Reason = "RECORD_TOO_LARGE", Message = $"the record has {bytes} bytes; the hub takes at most {PushOptions.LargestBatch}" };
        var receipt = new PushReceipt { Results = { new RecordResult { Outcome = RecordOutcome.Rejected, Errors = { error } } } };
        await WaitAsync(_turn, cancellationToken);
        try
        {
            await CallBackAsync([item], receipt);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits on the adding side; when the push ends first, throws what ended it.</summary>
    private async Task WaitAsync(SemaphoreSlim semaphore, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            await semaphore.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await _running;
            throw;
        }
    }

    /// <summary>Calls back, in the caller's turn. What is thrown there is no matter of the connection: it ends the push.</summary>
    private async Task CallBackAsync(IReadOnlyList<PushedItem<TTag>> items, PushReceipt receipt)
    {
        try
        {
            await _onReceipt(items, receipt);
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
            await _stop.CancelAsync();
            throw;
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var recovery = new Recovery(_hub);
        try
        {
            while (true)
            {
                AccessToken? token = null;
                try
                {
                    token = await _hub.Tokens.TakeAsync(_stop.Token);
                    await RunStreamAsync(token, recovery);
                    return;
                }
                catch (Exception e) when (e is RpcException or ExchangeException)
                {
                    await recovery.RecoverAsync(e, token, true, _stop.Token);
                }
            }
        }
        catch (Exception) when (_fault is not null)
        {
            // However the connection ended meanwhile.
            _fault.Throw();
        }
        finally
        {
            // Whoever waits for a slot learns the end from this task.
            await _stop.CancelAsync();
        }
    }

    private async Task RunStreamAsync(AccessToken token, Recovery recovery)
    {
        var connection = Interlocked.Increment(ref _connections);
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var call = _hub.Invoker.AsyncDuplexStreamingCall(PushMessage.Push, null, HubConnection.Call(token, abandon.Token));
        var reading = ReadReceiptsAsync(call, recovery);
        var writing = WriteAsync(call, connection, reading, recovery);
        try
        {
            if (await Task.WhenAny(reading, writing) == writing && !writing.IsCompletedSuccessfully)
            {
                // Writing fails when the stream has ended; its status, which the reading side gets, says why.
                await Task.WhenAny(reading, Task.Delay(_statusPatience, _stop.Token));
            }

            await (reading.IsCompleted && !reading.IsCompletedSuccessfully ? reading : writing);
            await reading;
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or IOException or HttpRequestException && !_stop.IsCancellationRequested)
        {
            // A write into a call that has ended is cancelled, though nobody here cancelled it; one into a connection that broke fails with its exception.
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the push early", e);
        }
        finally
        {
            await abandon.CancelAsync();
            await Task.WhenAll(reading, writing).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        lock (_lock)
        {
            if (_unanswered.Count > 0)
            {
                throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the hub ended the push before its last receipt");
            }
        }
    }

    private async Task WriteAsync(AsyncDuplexStreamingCall<PushMessage, PushResponse> call, int connection, Task reading, Recovery recovery)
    {
        await call.RequestStream.WriteAsync(PushMessage.Of(_header), _stop.Token);
        recovery.Opened();
        Batch[] again;
        lock (_lock)
        {
            again = [.. _unanswered.Values.Where(b => b.Connection > 0)];
        }

        foreach (var batch in again)
        {
            await SendAsync(call, batch, connection);
        }

        while (true)
        {
            var more = _batches.Reader.WaitToReadAsync(_stop.Token).AsTask();
            if (await Task.WhenAny(more, reading) == reading)
            {
                return; // the stream ended first; its status decides
            }

            if (!await more)
            {
                await call.RequestStream.CompleteAsync();
                return;
            }

            while (_batches.Reader.TryRead(out var batch))
            {
                await SendAsync(call, batch, connection);
            }
        }
    }

    private async Task SendAsync(AsyncDuplexStreamingCall<PushMessage, PushResponse> call, Batch batch, int connection)
    {
        batch.Connection = connection;
        await call.RequestStream.WriteAsync(PushMessage.Of(batch.Sequence, batch.Bytes), _stop.Token);
    }

    private async Task ReadReceiptsAsync(AsyncDuplexStreamingCall<PushMessage, PushResponse> call, Recovery recovery)
    {
        await foreach (var response in call.ResponseStream.ReadAllAsync(_stop.Token))
        {
            if (response.Receipt is not { } receipt)
            {
                continue;
            }

            await _turn.WaitAsync(_stop.Token);
            try
            {
                await TakeAsync(receipt, recovery);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>A batch is answered, and its slot free, once the caller is done with its receipt.</summary>
    private async Task TakeAsync(PushReceipt receipt, Recovery recovery)
    {
        Batch? batch;
        lock (_lock)
        {
            _unanswered.TryGetValue(receipt.Sequence, out batch);
        }

        if (batch is null)
        {
            return; // answered on an earlier connection already
        }

        if (receipt.Results.Count != batch.Items.Count)
        {
            throw new ExchangeException(StatusCode.Internal, "RECEIPT_MISMATCH", $"the receipt of batch {receipt.Sequence} has {receipt.Results.Count} results for {batch.Items.Count} records");
        }

        await CallBackAsync(batch.Items, receipt);
        lock (_lock)
        {
            _unanswered.Remove(receipt.Sequence);
            batch.Bytes.Clear();
            _spare.Push(batch.Bytes);
        }

        recovery.Progress();
        _slots.Release();
    }

    private sealed class Batch(long sequence, List<PushedItem<TTag>> items, PushBuffer bytes)
    {
        public long Sequence { get; } = sequence;

        public List<PushedItem<TTag>> Items { get; } = items;

        /// <summary>The items' records; kept until the receipt, to be sent again when the connection breaks.</summary>
        public PushBuffer Bytes { get; } = bytes;

        /// <summary>Number of the connection it was last sent on; 0 before.</summary>
        public int Connection { get; set; }
    }
}
