using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Tells what time brings: limits of access requests that are near or over, and grants that start, may be renewed or end.</summary>
public static class Deadlines
{
    /// <summary>Ids of the requests and grants that time moves now.</summary>
    public static IEnumerable<(AccessRequestId? Request, GrantId? Grant)> Due(GovernanceState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.AccessRequests.Values.Where(request => IsForsaken(state, request) || !Moves(state, request, now).IsEmpty).Select(request => ((AccessRequestId?)request.Id, (GrantId?)null))
            .Concat(state.Grants.Values.Where(grant => GrantSteps.Due(state, grant, now) is not null).Select(grant => ((AccessRequestId?)null, (GrantId?)grant.Id)));
    }

    /// <summary>Tells the limits of a request that came near or passed; nothing when that was told before.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Tell(GovernanceState state, AccessRequestId id, DateTimeOffset now)
    {
        if (!AccessRequestRules.Find(state, id).TryGetValue(out var request, out var refusal))
        {
            return refusal;
        }

        List<GovernanceEvent> events = [];
        if (IsForsaken(state, request))
        {
            request = AccessRequestRules.WithOwners(state, request, now).Stepped();
            events.Add(new GovernanceEvent.AccessRequestMoved(request, AccessRequestStep.Checked, null, null, "", now));
        }

        foreach (var (owner, next) in Moves(state, request, now))
        {
            request = (owner is { } part
                ? request.With(request.PartOf(part)! with { Clock = next })
                : request with { Clock = next }).Stepped();
            events.Add(new GovernanceEvent.AccessRequestMoved(
                request, next.Told is DueState.Overdue ? AccessRequestStep.Overdue : AccessRequestStep.Due, owner, null, "", now));
        }

        return new GovernanceDecision<AccessRequest>(request, [.. events]);
    }

    /// <summary>Tells that a grant started, may be renewed or ended; nothing when that was told before.</summary>
    public static Result<GovernanceDecision<Grant>> Tell(GovernanceState state, GrantId id, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        var grant = state.Grants[id.Value];
        return new GovernanceDecision<Grant>(grant, GrantSteps.Due(state, grant, now));
    }

    // It waits for a sharing authority that the hub no longer has, or that asks itself.
    private static bool IsForsaken(GovernanceState state, AccessRequest request) =>
        request.State is AccessRequestState.ConformityCheck && (state.Settings.SharingAuthority is null || state.Settings.SharingAuthority == request.Requester);

    private static ImmutableArray<(DepartmentId? Owner, Clock Next)> Moves(GovernanceState state, AccessRequest request, DateTimeOffset now) =>
    [
        .. from waiting in request.Waiting(state, now)
           let near = waiting.Clock.StateAt(state, now)
           where near > waiting.Clock.Told
           select (waiting.Owner, waiting.Clock with { Told = near }),
    ];
}
