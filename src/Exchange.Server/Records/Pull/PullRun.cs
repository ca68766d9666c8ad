using System.Threading.Channels;
using Exchange.Catalog;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Pull.Paging;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Records.Pull;

/// <summary>
/// One pull on its way: pages are read ahead of the reader, at most <see cref="PagesAhead"/>, so that database and network work at the same time and
/// memory stays the same for any number of rows.
/// </summary>
internal sealed class PullRun : IDisposable
{
    /// <summary>Pages that may be read and not yet sent.</summary>
    public const int PagesAhead = 2;

    private readonly PullPages pages;
    private readonly PullStart start;
    private readonly PullQuery query;
    private readonly ReadQuota quota;
    private readonly Func<PullPosition, string> tokenOf;
    private readonly Channel<PullBatch?> batches = Channel.CreateUnbounded<PullBatch?>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly SemaphoreSlim room = new(PagesAhead);

    /// <summary>A pull that begins after a position.</summary>
    public PullRun(PullPages pages, PullStart start, PullQuery query, ReadQuota quota, Func<PullPosition, string> tokenOf) =>
        (this.pages, this.start, this.query, this.quota, this.tokenOf) = (pages, start, query, quota, tokenOf);

    /// <summary>Sends everything that matches, from the position on. Counts the rows sent in the audit scope.</summary>
    public async Task RunAsync(PullPosition from, IServerStreamWriter<PullFrame> responses, ReadAuditScope audit, PlanWatch watch)
    {
        var cancellationToken = watch.Token;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(from, stop.Token);
        try
        {
            await responses.WriteAsync(PullFrame.Of(new PullResponse { Start = start }), cancellationToken);
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken))
            {
                if (batch is { } rows)
                {
                    await watch.ConfirmAsync();
                    await quota.TakeAsync(watch.Current, rows.Rows, rows.Owners, cancellationToken);
                    await responses.WriteAsync(Finish(rows), cancellationToken);
                    audit.Rows += rows.Rows;
                    foreach (var (owners, count) in rows.Owners)
                    {
                        audit.Owners?.Add(owners, count);
                    }

                    pages.Return(rows.Buffer);
                }
                else
                {
                    room.Release();
                }
            }

            await reading;
            await responses.WriteAsync(PullFrame.Of(new PullResponse { End = new PullEnd { Rows = audit.Rows } }), cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => room.Dispose();

    private PullFrame Finish(in PullBatch batch)
    {
        var buffer = batch.Buffer;
        buffer.TextField(RecordBatch.PageTokenFieldNumber, tokenOf(batch.Last));
        buffer.EndMessage(batch.Frame);
        return new PullFrame(buffer.WrittenMemory);
    }

    // An empty entry ends a page: its memory is free again once everything before it was sent.
    private async Task ReadAsync(PullPosition from, CancellationToken cancellationToken)
    {
        Exception? fault = null;
        try
        {
            var left = query.Limit is 0 ? long.MaxValue : query.Limit;
            PullPosition? next = from;
            while (next is { } after && left > 0)
            {
                await room.WaitAsync(cancellationToken);
                next = await pages.ReadAsync(after, left, quota.Room, Give, cancellationToken);
                batches.Writer.TryWrite(null);
            }

            void Give(PullBatch batch)
            {
                left -= batch.Rows;
                batches.Writer.TryWrite(batch);
            }
        }
        catch (Exception e)
        {
            fault = e;
            throw;
        }
        finally
        {
            batches.Writer.Complete(fault);
        }
    }
}
