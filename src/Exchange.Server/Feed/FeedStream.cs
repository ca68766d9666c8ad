using Exchange.Catalog;
using Exchange.EventStore.Reading;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>
/// One running feed. Reads the log batch by batch, shows what the newest plan lets through, and holds nothing beyond the batch it is sending. Not for
/// concurrent use.
/// </summary>
internal sealed class FeedStream : IAsyncDisposable
{
    private readonly FeedStreams feed;
    private readonly Caller caller;
    private readonly FeedQuery query;
    private readonly Dictionary<int, long> positions;
    private readonly IServerStreamWriter<Proto.FollowResponse> responses;
    private readonly PlanWatch watch;
    private readonly FeedBatcher batcher;
    private FeedView view;
    private ReadAuditScope? scope;

    // The plan that the scope's intent was written under.
    private ReadPlan? intended;

    // What the reader knows it was shown: the view's, once it was told what that shows more.
    private byte[] seen;

    /// <summary>A feed that goes on from a place.</summary>
    public FeedStream(
        FeedStreams feed, Caller caller, FeedQuery query, FeedView view, ReadMark from, IServerStreamWriter<Proto.FollowResponse> responses, PlanWatch watch)
    {
        (this.feed, this.caller, this.query, this.view, this.responses, this.watch) = (feed, caller, query, view, responses, watch);
        (positions, seen) = (from.Positions.ToDictionary(), from.Seen);
        batcher = new FeedBatcher(positions, feed.Options.MaxBatchBytes, feed.Options.MaxChangeBytes);
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
        scope.Positions = positions;
        intended = view.Plan;
    }

    private async Task FollowAsync()
    {
        var options = new SubscriptionOptions
        {
            MaxEvents = feed.Options.MaxEvents, MaxBytes = feed.Options.MaxReadBytes, IdleInterval = feed.Options.IdleInterval,
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(watch.Token);
        await using var batches = feed.Log.SubscribeAsync(positions.ToDictionary(), options, stop.Token).GetAsyncEnumerator(stop.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next = batches.MoveNextAsync().AsTask();
                while (await Task.WhenAny(next, watch.WhenNot(view.Plan)) != next)
                {
                    await FollowPlanAsync();
                }

                if (!await next)
                {
                    throw new InvalidOperationException("a subscription without end has ended");
                }

                await SendAsync(batches.Current.Slices);
            }
        }
        finally
        {
            // An enumerator must stand still before it is disposed.
            await stop.CancelAsync();
            await ((Task?)next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(IReadOnlyList<PartitionSlice> slices)
    {
        if (slices.Count is 0)
        {
            await SendBatchAsync();
            return;
        }

        while (slices.Count > 0)
        {
            await FollowPlanAsync();
            slices = await TrySendAsync(slices) ? [] : Rest(slices);
        }
    }

    // False: the plan changed meanwhile, and what was not sent yet must be looked at again.
    private async Task<bool> TrySendAsync(IReadOnlyList<PartitionSlice> slices)
    {
        await foreach (var (stored, change) in feed.Projector.ProjectAsync(view, slices, watch.Token))
        {
            while (!batcher.TryAdd(stored.Partition, stored.Position, change))
            {
                if (!await SendBatchAsync())
                {
                    return false;
                }
            }
        }

        return batcher.IsEmpty || await SendBatchAsync();
    }

    private async Task<bool> SendBatchAsync()
    {
        if (batcher.HasChanges && !ReferenceEquals(intended, view.Plan))
        {
            await IntendAsync();
        }

        await watch.ConfirmAsync();
        if (!ReferenceEquals(watch.Current, view.Plan))
        {
            batcher.Discard();
            return false;
        }

        var batch = batcher.Take();
        batch.Checkpoint = Checkpoint();
        scope!.Rows += batch.Changes.Count;
        await WriteAsync(new Proto.FollowResponse { Batch = batch });
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
            return slice with { After = after, Events = [.. slice.Events.Skip((int)(after - slice.After))] };
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

    // A reader that takes nothing holds up this stream and nothing else: the next batch is not read before this one is taken.
    private async Task WriteAsync(Proto.FollowResponse response)
    {
        try
        {
            await responses.WriteAsync(response).WaitAsync(feed.Options.SlowReaderLimit, feed.Time, watch.Token);
        }
        catch (TimeoutException)
        {
            throw FeedReasons.SlowReader.ToException();
        }
    }
}
