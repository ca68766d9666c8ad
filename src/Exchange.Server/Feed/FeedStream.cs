using Exchange.Catalog;
using Exchange.EventStore.Reading;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Exchange.Server.Records.Events;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>
/// One running feed. Takes the log page by page, shows what the newest plan lets through, and holds nothing beyond the page it is sending, the one it is
/// looking at meanwhile and the one that is read ahead. Not for concurrent use.
/// </summary>
internal sealed class FeedStream : IAsyncDisposable
{
    private readonly FeedStreams feed;
    private readonly Caller caller;
    private readonly FeedQuery query;
    private readonly Dictionary<int, long> positions;
    private readonly IServerStreamWriter<FeedFrame> responses;
    private readonly PlanWatch watch;
    private readonly FeedBatcher batcher;
    private FeedView view;
    private ReadQuota quota;
    private Task writing = Task.CompletedTask;

    // Of a feed that makes its changes for itself: where it writes them, and what may still be on its way to the reader.
    private WireBuffer? buffer;
    private WireBuffer? spare;
    private ReadAuditScope? scope;

    // The plan that the scope's intent was written under.
    private ReadPlan? intended;

    // What the reader knows it was shown: the view's, once it was told what that shows more.
    private byte[] seen;

    /// <summary>A feed that goes on from a place.</summary>
    public FeedStream(
        FeedStreams feed, Caller caller, FeedQuery query, FeedView view, ReadMark from, IServerStreamWriter<FeedFrame> responses, PlanWatch watch)
    {
        (this.feed, this.caller, this.query, this.view, this.responses, this.watch) = (feed, caller, query, view, responses, watch);
        (positions, seen) = (from.Positions.ToDictionary(), from.Seen);
        quota = feed.Quotas.Of(view.Plan, view.Fields, view.Owners, view.Looked);
        batcher = new FeedBatcher(positions, feed.Options.MaxBatchBytes);
    }

    /// <summary>Feeds the reader without end; throws what ends it.</summary>
    public async Task RunAsync(ServerCallContext context)
    {
        try
        {
            await FollowOrExplainAsync();
        }
        catch (Exception e)
        {
            await (scope?.FailAsync(e, context) ?? Task.CompletedTask);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => scope?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task FollowOrExplainAsync()
    {
        try
        {
            await StartAsync();
            await AnnounceAsync(mayShowMore: true);
            await FollowAsync();
        }
        catch (OperationCanceledException)
        {
            await watch.ThrowIfEndedAsync();
            throw;
        }
    }

    // The intent stands in the trail before the columns are told.
    private async Task StartAsync()
    {
        await IntendAsync();
        await WriteAsync(new Proto.FollowResponse
        {
            Start = new Proto.FollowStart
            {
                Columns = { view.ToColumns() },
                Checkpoint = Checkpoint(),
                From = { Ranges(position => new Proto.Coverage { After = position, Through = position }) },
                Revision = view.Plan.Plan.Revision,
            },
        });
    }

    // What is sent from here on stands under the view's plan.
    private async Task IntendAsync()
    {
        await (scope?.CompleteAsync(StatusCode.OK, "PLAN_CHANGED") ?? Task.CompletedTask);
        var intent = new ReadIntent
        {
            Caller = caller,
            Action = ReadActions.Follow,
            Resource = query.Resource.Value,
            Purpose = query.Purpose,
            Fields = [.. view.FieldNames],
            MaskedFields = [.. view.MaskedFields.Select(field => field.Field.Name)],
            Masks = [.. view.MaskedFields.Select(field => (field.Field.Name, field.Masks))],
            Filter = query.Filter,
            Positions = positions,
            GovernancePosition = view.Plan.Plan.Revision,
        };
        scope = (await feed.Audit.BeginAsync(intent, watch.Token)).OrThrow();
        (scope.Positions, scope.Owners) = (positions, view.Owners.ToTally(feed.Owners));
        intended = view.Plan;
    }

    private async Task FollowAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token);
        var source = new FeedSource(feed.Log, feed.Tail, positions, feed.Options, stop.Token);
        Task<FeedPage>? next = null;
        try
        {
            while (true)
            {
                next = source.NextAsync();
                await (next.IsCompleted ? Task.CompletedTask : writing);
                while (await Task.WhenAny(next, watch.WhenNot(view.Plan)) != next)
                {
                    await FollowPlanAsync();
                }

                await SendAsync(await next);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task?)next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await source.DisposeAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(FeedPage page)
    {
        if (page.Slices.Count is 0)
        {
            // Nothing is looked at: many idle feeds hold little. What is on its way to the reader holds its own bytes.
            buffer = spare = null;
            await SendBatchAsync();
            return;
        }

        do
        {
            await FollowPlanAsync();
        }
        while (!await TrySendAsync(page));
    }

    // False: the plan changed meanwhile, and what was not sent yet must be looked at again.
    private async Task<bool> TrySendAsync(FeedPage page)
    {
        batcher.Room = await quota.LookAsync(watch.Token);
        await foreach (var run in ChangesAsync(page))
        {
            for (var next = Math.Max(0, positions[run.Partition] - run.After); next < run.Events;)
            {
                next = batcher.Add(run, (int)next);
                if (next < run.Events && !await SendBatchAsync())
                {
                    return false;
                }
            }
        }

        return batcher.IsEmpty || await SendBatchAsync();
    }

    private async IAsyncEnumerable<ChangeRun> ChangesAsync(FeedPage page)
    {
        // INVARIANT: shared with nobody but readers under the very same plan, and sent by each of them only while that is its newest.
        if (page.Shared is { } shared && await shared.FindAsync(view, watch.Token) is { } runs)
        {
            foreach (var run in runs)
            {
                yield return run;
            }

            yield break;
        }

        await foreach (var run in feed.Tail.Projector.ProjectAsync(view, Rest(page.Slices), BufferFor(page), watch.Token))
        {
            yield return run;
        }
    }

    // Kept from page to page only while the feed catches up: at the tail pages are small, and it may wait long for the next.
    private WireBuffer BufferFor(FeedPage page)
    {
        if (page.Shared is not null)
        {
            buffer = spare = null;
            return new WireBuffer();
        }

        (buffer, spare) = writing.IsCompleted ? (buffer, spare) : (spare, buffer);
        return buffer ??= new WireBuffer();
    }

    private async Task<bool> SendBatchAsync()
    {
        if (batcher.Changes > 0 && !ReferenceEquals(intended, view.Plan))
        {
            await IntendAsync();
        }

        await writing;
        await watch.ConfirmAsync();
        if (!ReferenceEquals(watch.Current, view.Plan))
        {
            batcher.Discard();
            return false;
        }

        await quota.TakeAsync(view.Plan, batcher.Changes, batcher.Owners, watch.Token);
        batcher.Room = quota.Room;

        // While the reader takes it, the next page is looked at.
        scope!.Rows += batcher.Changes;
        foreach (var (owners, count) in batcher.Owners)
        {
            scope.Owners?.Add(owners, count);
        }

        writing = WriteAsync(batcher.Take(Checkpoint));
        return true;
    }

    /// <summary>Goes over to the newest plan. The reader is told when its columns change, when it may see more than before, and when masks hide more of some records.</summary>
    private async Task FollowPlanAsync()
    {
        var earlier = view;
        if (ReferenceEquals(watch.Current, earlier.Plan))
        {
            return;
        }

        view = query.Under(watch.Current).OrThrow();
        quota = feed.Quotas.Of(view.Plan, view.Fields, view.Owners, view.Looked);
        var mayShowMore = PlanChange.Widens(earlier.Plan.Plan, view.Plan.Plan, view.Fields);
        var showsElse = !view.Digest.AsSpan().SequenceEqual(earlier.Digest);
        if (!view.ToColumns().SequenceEqual(earlier.ToColumns()) || (showsElse && !mayShowMore))
        {
            await StartAsync();
        }

        await AnnounceAsync(mayShowMore);
    }

    // Only now checkpoints say that the reader knows the view: one that broke off before is told when it comes again.
    private async Task AnnounceAsync(bool mayShowMore)
    {
        if (mayShowMore && Mark.IsBehind(view.Digest))
        {
            await WriteAsync(new Proto.FollowResponse
            {
                Backfill = new Proto.Backfill
                {
                    Ranges = { Ranges(position => new Proto.Coverage { After = 0, Through = position }).Where(range => range.Through > 0) },
                    Revision = view.Plan.Plan.Revision,
                },
            });
        }

        seen = view.Digest;
    }

    private List<PartitionSlice> Rest(IReadOnlyList<PartitionSlice> slices) =>
    [
        .. slices.Where(slice => positions[slice.Partition] < slice.Through).Select(slice =>
        {
            var after = positions[slice.Partition];
            return after <= slice.After ? slice : slice with { After = after, Events = [.. slice.Events.Skip((int)(after - slice.After))] };
        }),
    ];

    private IEnumerable<Proto.Coverage> Ranges(Func<long, Proto.Coverage> range) => positions.OrderBy(entry => entry.Key).Select(entry =>
    {
        var coverage = range(entry.Value);
        coverage.Partition = entry.Key;
        return coverage;
    });

    private ReadMark Mark => new(positions, seen);

    private string Checkpoint() => feed.Checkpoint(caller, query, Mark);

    private async Task WriteAsync(Proto.FollowResponse response)
    {
        await writing;
        await WriteAsync(FeedFrame.Of(response));
    }

    // A reader that takes nothing holds up this stream and nothing else: no batch is sent before this one is taken.
    private async Task WriteAsync(FeedFrame frame)
    {
        try
        {
            await responses.WriteAsync(frame).WaitAsync(feed.Options.SlowReaderLimit, feed.Time, watch.Token);
        }
        catch (TimeoutException)
        {
            throw FeedReasons.SlowReader.ToException();
        }
    }
}
