using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Exchange.Catalog;
using Exchange.Server.Grpc;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Records.Deciding;
using Grpc.Core;

namespace Exchange.Server.Records.Push;

/// <summary>
/// One push stream. Reading and writing go on independently: several batches are under way at once, at most <see cref="MostInFlight"/>, and each
/// receipt is written when its batch is durable. Reading waits, too, while the node has no room for another batch of this client; the stream ends with
/// LOAD_SHED when as many of its client's batches wait already as may. A batch that shares a record with one before it waits for that one, and is not begun
/// when it failed. A client that leaves more than <see cref="MostUnread"/> receipts unread is not read from until it reads. A batch that is refused ends the
/// stream after the receipts of those before it.
/// </summary>
internal sealed class PushStream(RecordPusher pusher, Caller caller, IServerStreamWriter<PushedReceipt> responses, RequestBudget budget) : IDisposable
{
    /// <summary>Batches of one stream that may be under way; then reading waits.</summary>
    public const int MostInFlight = 12;

    /// <summary>Receipts that may wait for the client; then batches keep their places until it takes some.</summary>
    public const int MostUnread = 32;

    private readonly Channel<PushedReceipt> receipts = Channel.CreateBounded<PushedReceipt>(new BoundedChannelOptions(MostUnread) { SingleReader = true });
    private readonly SemaphoreSlim places = new(MostInFlight);
    private readonly OpeningStreak openings = new();
    private readonly CancellationTokenSource stop = new();
    private ExceptionDispatchInfo? fault;

    /// <summary>Serves the stream until the client has sent all and has all receipts.</summary>
    public async Task RunAsync(IAsyncStreamReader<PushFrame> requests, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken))
        {
            return;
        }

        var header = requests.Current.Header ?? throw PushReasons.HeaderFirst.ToException();
        var form = PushHeaderForm.Parse(header).OrThrow();
        (await pusher.PlanAsync(caller, form, cancellationToken)).OrThrow();
        var reading = ReadAsync(requests, form, cancellationToken);
        try
        {
            await foreach (var receipt in receipts.Reader.ReadAllAsync(cancellationToken))
            {
                await responses.WriteAsync(receipt, cancellationToken);
            }
        }
        finally
        {
            // Also when the client is gone: what is under way ends before its stream does.
            await stop.CancelAsync();
            await reading;
        }

        fault?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        places.Dispose();
        stop.Dispose();
    }

    private async Task ReadAsync(IAsyncStreamReader<PushFrame> requests, PushHeaderForm form, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        List<Task> underWay = [];
        var records = new RecordsUnderWay();
        try
        {
            var previous = 0L;

            // A place first: a batch that is read is in memory, and counted from there on.
            await places.WaitAsync(reading.Token);
            while (await requests.MoveNext(reading.Token))
            {
                var batch = BatchOf(requests.Current);
                if (previous > 0 && batch.Sequence <= previous)
                {
                    throw PushReasons.SequenceOrder(previous + 1).ToException();
                }

                previous = batch.Sequence;
                var bytes = batch.Bytes.Length;
                if (!await budget.TakeAsync(caller.Client, bytes, reading.Token))
                {
                    throw EdgeReasons.LoadShed.ToException();
                }

                var prepared = await PrepareAsync(form, batch, bytes, reading.Token);
                underWay.RemoveAll(static push => push.IsCompleted);
                underWay.Add(records.Begin(prepared, before => PushAsync(form, prepared, bytes, before, cancellationToken)));
                await places.WaitAsync(reading.Token);
            }
        }
        catch (Exception e)
        {
            // What is under way gets its receipts first.
            Fail(e);
        }
        finally
        {
            await Task.WhenAll(underWay);
            receipts.Writer.Complete();
        }
    }

    // Gives its bytes back when it is not to be pushed.
    private async Task<PreparedBatch> PrepareAsync(PushHeaderForm form, BatchContent batch, int bytes, CancellationToken cancellationToken)
    {
        try
        {
            var plan = (await pusher.PlanAsync(caller, form, cancellationToken)).OrThrow();
            var prepared = RecordPusher.Prepare(plan, batch).OrThrow();
            prepared.PresumesNew = openings.Holds;
            return prepared;
        }
        catch
        {
            budget.Return(caller.Client, bytes);
            throw;
        }
    }

    // False when the batch was not stored, or nobody knows: then none that shares a record with it may be.
    private async Task<bool> PushAsync(PushHeaderForm form, PreparedBatch batch, int bytes, IReadOnlyList<Task<bool>> before, CancellationToken cancellationToken)
    {
        try
        {
            if (await StoreAsync(form, batch, bytes, before, cancellationToken) is not { } receipt)
            {
                return false;
            }

            if (!receipts.Writer.TryWrite(receipt))
            {
                await receipts.Writer.WriteAsync(receipt, stop.Token);
            }

            return true;
        }
        catch (Exception e)
        {
            Fail(e);
            await stop.CancelAsync();
            return false;
        }
        finally
        {
            places.Release();
        }
    }

    // Null when a batch that shares a record with it was not stored. Its bytes are given back at once: the receipt may wait for the client, others do not.
    private async Task<PushedReceipt?> StoreAsync(
        PushHeaderForm form, PreparedBatch batch, int bytes, IReadOnlyList<Task<bool>> before, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var earlier in before)
            {
                if (!await earlier)
                {
                    return null;
                }
            }

            var receipt = (await pusher.PushAsync(caller, form, batch, cancellationToken)).OrThrow();
            openings.Note(receipt, batch.PresumesNew);
            return receipt;
        }
        finally
        {
            budget.Return(caller.Client, bytes);
        }
    }

    // The first fault is what the client hears of; the others follow from it.
    private void Fail(Exception e) => Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(e), null);

    private static BatchContent BatchOf(PushFrame request) => request switch
    {
        { Batch: { } batch } => batch,
        { Header: not null } => throw PushReasons.HeaderOnce.ToException(),
        _ => throw Refusal.Invalid("message", "REQUIRED", "send a batch").ToException(),
    };
}
