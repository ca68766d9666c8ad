using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;

namespace Exchange.Server.Inbox;

/// <summary>Tells departments what happened to their requests and grants: which events, every node knows by the governance state; what they say, the log.</summary>
internal sealed class InboxService(EventLog log, GovernanceStore store, TimeProvider time) : Protos.V1.InboxService.InboxServiceBase
{
    private const int UsualPage = 50;
    private const int LargestPage = 200;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);
    private static readonly RefusalReason PositionBeyondHead = new("POSITION_BEYOND_HEAD", RefusalKind.OutOfRange);

    /// <inheritdoc/>
    public override async Task<ListNoticesResponse> ListNotices(ListNoticesRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        if (request.PageSize < 0)
        {
            throw Refusal.Invalid("page_size", "OUT_OF_RANGE", $"must be 0 (the default of {UsualPage}) to {LargestPage}").ToException();
        }

        state = await AtLeastAsync(request.AfterPosition, state, context.CancellationToken);
        var size = request.PageSize is 0 ? UsualPage : Math.Min(request.PageSize, LargestPage);
        var (page, isWhole) = Page(state, department, request.AfterPosition, size, request.Newest);
        var isLast = request.Newest || isWhole;
        return new ListNoticesResponse
        {
            Notices = { await ReadAsync(department, page, state, context.CancellationToken) },
            Position = isLast ? state.Position : page[^1],
            More = !isWhole,
        };
    }

    /// <inheritdoc/>
    public override async Task FollowInbox(FollowInboxRequest request, IServerStreamWriter<FollowInboxResponse> responseStream, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        state = await AtLeastAsync(request.HasAfterPosition ? request.AfterPosition : 0, state, context.CancellationToken);
        var position = request.HasAfterPosition ? request.AfterPosition : state.Position;
        await responseStream.WriteAsync(new FollowInboxResponse { Position = position }, context.CancellationToken);
        var told = time.GetTimestamp();
        while (true)
        {
            var (page, isWhole) = Page(state, department, position, LargestPage, newest: false);
            position = isWhole ? state.Position : page[^1];
            if (page.Count > 0 || time.GetElapsedTime(told) >= LongestSilence)
            {
                var notices = await ReadAsync(department, page, state, context.CancellationToken);
                await responseStream.WriteAsync(new FollowInboxResponse { Notices = { notices }, Position = position }, context.CancellationToken);
                told = time.GetTimestamp();
            }

            state = isWhole ? await NextAsync(position, LongestSilence - time.GetElapsedTime(told), context.CancellationToken) : state;
        }
    }

    // Another node may have told a position that this one is about to reach.
    private async Task<GovernanceState> AtLeastAsync(long after, GovernanceState state, CancellationToken cancellationToken)
    {
        if (after < 0)
        {
            throw Refusal.Invalid("after_position", "OUT_OF_RANGE", "must be 0 or a position that a response told").ToException();
        }

        var newest = after <= state.Position ? state : (await store.ReadNewestAsync(cancellationToken)).OrThrow();
        return after <= newest.Position ? newest : throw new Refusal(
            PositionBeyondHead, $"position {after} lies beyond the log's head {newest.Position}: the store was restored from before it; begin at 0 and leave out what was done")
            {
                Metadata = new Dictionary<string, string> { ["position"] = $"{after}", ["head"] = $"{newest.Position}" },
            }.ToException();
    }

    private static (ImmutableList<long> Positions, bool IsWhole) Page(GovernanceState state, DepartmentId department, long after, int size, bool newest)
    {
        var inbox = state.Inboxes.GetValueOrDefault(department.Value, []);
        var found = inbox.BinarySearch(after + 1);
        var first = found < 0 ? ~found : found;
        var count = Math.Min(size, inbox.Count - first);
        return (inbox.GetRange(newest ? inbox.Count - count : first, count), count == inbox.Count - first);
    }

    private async Task<IEnumerable<Notice>> ReadAsync(DepartmentId department, IReadOnlyCollection<long> positions, GovernanceState state, CancellationToken cancellationToken)
    {
        var events = await log.Reader.ReadPositionsAsync(log.Partitions.Governance, positions, cancellationToken);
        return events.Select(stored => stored.ToNotice(department, state));
    }

    // The same state when it stays quiet for so long.
    private async Task<GovernanceState> NextAsync(long position, TimeSpan silence, CancellationToken cancellationToken)
    {
        using var quiet = new CancellationTokenSource(silence > TimeSpan.Zero ? silence : TimeSpan.FromMilliseconds(1), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, quiet.Token);
        try
        {
            return await store.WaitBeyondAsync(position, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (await store.ConfirmAsync(cancellationToken)).OrThrow();
        }
    }
}
