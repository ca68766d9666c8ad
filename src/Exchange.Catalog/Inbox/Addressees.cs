using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Tells whose inboxes an event stands in: both sides of every step, and the supervision office for what is overdue.</summary>
public static class Addressees
{
    /// <summary>The departments that are told, each once; none for events that are no steps of requests or grants.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="before">The state before it.</param>
    public static IReadOnlyCollection<DepartmentId> Of(GovernanceEvent happened, GovernanceState before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return happened switch
        {
            GovernanceEvent.AccessRequestMoved { Step: not AccessRequestStep.Saved } e => OfRequest(e, before.Settings),
            GovernanceEvent.GrantIssued { Grant: { Agreement: not null } grant } => Sides(grant),
            GovernanceEvent.GrantMoved e => Sides(e.Grant),
            GovernanceEvent.GrantRevoked e => Sides(before.Grants[e.Grant.Value]),
            GovernanceEvent.ChangeProposed e => [e.Change.Department],
            GovernanceEvent.ChangeReviewed e => [e.Department],
            GovernanceEvent.ProposalsTold e => [e.Told],
            GovernanceEvent.ResourceRevoked e =>
            [
                .. before.Grants.Values.Where(grant => grant.Resource == e.Resource && grant.MayCountAt(e.Time)).SelectMany(Sides)
                    .Concat(before.AccessRequests.Values.Where(request => request.Resource == e.Resource && request.IsOpenIn(before, e.Time))
                        .SelectMany(request => request.Parts.Select(part => part.Owner).Append(request.Requester)))
                    .Append(before.Resources[e.Resource.Value].Department).Distinct(),
            ],
            _ => [],
        };
    }

    private static DepartmentId[] Sides(Grant grant) => [grant.Owner, grant.Reader];

    private static HashSet<DepartmentId> OfRequest(GovernanceEvent.AccessRequestMoved e, HubSettings settings)
    {
        HashSet<DepartmentId> told = [e.Request.Requester];
        if (e.Owner is { } owner)
        {
            told.Add(owner);
        }
        else if (e.Request.State is AccessRequestState.OwnerReview)
        {
            told.UnionWith(e.Request.Parts.Select(part => part.Owner));
        }

        if (settings.SharingAuthority is { } authority && IsTheAuthoritys(e))
        {
            told.Add(authority);
        }

        if (e is { Step: AccessRequestStep.HandedOver, Owner: { } giver } && e.Request.PartOf(giver)?.HandedOverTo is { } receiver)
        {
            told.Add(receiver);
        }

        if (e.Step is AccessRequestStep.Overdue && settings.SupervisionOffice is { } office)
        {
            told.Add(office);
        }

        return told;
    }

    // What waits for its check, is decided by it, or is taken back before it.
    private static bool IsTheAuthoritys(GovernanceEvent.AccessRequestMoved e) =>
        e.Owner is null && (e.Request.State is AccessRequestState.ConformityCheck or AccessRequestState.Rejected
            || e.Step is AccessRequestStep.Checked
            || (e.Step is AccessRequestStep.Withdrawn && e.Request is { State: AccessRequestState.Withdrawn, SubmitTime: not null }));
}
