using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Access.Grants;
using Exchange.Server.Access.Requests;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Exchange.Server.Governance.Changes;
using Google.Protobuf.WellKnownTypes;
using AccessRequestState = Exchange.Catalog.AccessRequestState;
using Grant = Exchange.Catalog.Grant;
using ProposalState = Exchange.Catalog.Records.ProposalState;

namespace Exchange.Server.Inbox;

/// <summary>Writes a governance event as the notice that one department gets of it.</summary>
internal static class NoticeMap
{
    /// <summary>The notice. The state knows what an event only names.</summary>
    /// <param name="stored">An event that the department is told of.</param>
    /// <param name="told">The department.</param>
    /// <param name="state">A state at the event's position or beyond.</param>
    public static Notice ToNotice(this StoredEvent stored, DepartmentId told, GovernanceState state)
    {
        var notice = GovernanceEventMap.FromStored(stored.Type, stored.Payload.Span) switch
        {
            GovernanceEvent.AccessRequestMoved e => OfRequest(e, told, state),
            GovernanceEvent.GrantIssued e => OfGrant(e.Grant, NoticeKind.GrantOffered, e.Grant.Owner, "", told == e.Grant.Reader),
            GovernanceEvent.GrantMoved e => OfStep(e, told),
            GovernanceEvent.GrantRevoked e => OfGrant(state.Grants[e.Grant.Value], NoticeKind.GrantRevoked, state.Grants[e.Grant.Value].Owner, e.Reason, false),
            GovernanceEvent.ProposalsTold e => OfProposals(e),
            GovernanceEvent.ResourceRevoked e => new Notice { Kind = NoticeKind.ResourceRevoked, Subject = ResourceMap.NameOf(e.Resource), Resource = ResourceMap.NameOf(e.Resource) },
            GovernanceEvent.ChangeProposed e => OfChange(e.Change.Department, e.Change.Id, NoticeKind.ChangeProposed, "", true),
            GovernanceEvent.ChangeReviewed e => OfChange(e.Department, e.Change, e.IsApproved ? NoticeKind.ChangeApproved : NoticeKind.ChangeRejected, e.Reason, false),
            _ => new Notice(),
        };
        notice.Position = stored.Position;
        notice.By = notice.By.Length is 0 ? "" : DepartmentMap.NameOf(new DepartmentId(stored.Caller));
        notice.Time = Timestamp.FromDateTimeOffset(stored.RecordedAt);
        return notice;
    }

    private static Notice OfRequest(GovernanceEvent.AccessRequestMoved e, DepartmentId told, GovernanceState state)
    {
        var request = e.Request;
        var clocks = Waiting(e, state).ToList();
        var mine = clocks.Where(waiting => waiting.Who == told).Select(waiting => waiting.Clock).ToList();
        return new Notice
        {
            Kind = e.Step switch
            {
                AccessRequestStep.Submitted => NoticeKind.RequestSubmitted,
                AccessRequestStep.Checked => NoticeKind.RequestConforming,
                AccessRequestStep.Rejected => NoticeKind.RequestRejected,
                AccessRequestStep.SupplementAsked => NoticeKind.RequestSupplementNeeded,
                AccessRequestStep.Supplemented => NoticeKind.RequestSupplemented,
                AccessRequestStep.Approved => NoticeKind.RequestApproved,
                AccessRequestStep.HandedOver => NoticeKind.RequestHandedOver,
                AccessRequestStep.Withdrawn => NoticeKind.RequestWithdrawn,
                AccessRequestStep.Due => NoticeKind.RequestDue,
                AccessRequestStep.Overdue => NoticeKind.RequestOverdue,
                _ => NoticeKind.Unspecified,
            },
            Subject = AccessRequestMap.NameOf(request.Id),
            By = DepartmentMap.NameOf(e.By),
            Owner = DepartmentMap.NameOf(e.Owner),
            Resource = ResourceMap.NameOf(request.Resource),
            Text = e.Text,
            DueTime = (mine.Count > 0 ? mine : [.. clocks.Select(waiting => waiting.Clock)]) is { Count: > 0 } limits
                ? Timestamp.FromDateTimeOffset(limits.Min(limit => limit.Due))
                : null,
            ToAct = mine.Count > 0,
        };
    }

    // Who has to act after the step: of the part that it was about, or of all parts; once an owner handed its part over, who received it.
    private static IEnumerable<(DepartmentId Who, Clock Clock)> Waiting(GovernanceEvent.AccessRequestMoved e, GovernanceState state)
    {
        var request = e.Request;
        return request.State switch
        {
            AccessRequestState.ConformityCheck when state.Settings.SharingAuthority is { } authority && request.Clock is { } clock => [(authority, clock)],
            AccessRequestState.OwnerReview when e.Step is not AccessRequestStep.Withdrawn =>
                from part in request.Parts
                where part.Clock is not null && (e.Owner is not { } owner || part.Owner == owner || part.Owner == request.PartOf(owner)?.HandedOverTo)
                select (part.State is AccessRequestState.OwnerReview ? part.Owner : request.Requester, part.Clock!.Value),
            _ => [],
        };
    }

    private static Notice OfChange(DepartmentId department, PendingChangeId change, NoticeKind kind, string text, bool toAct) => new()
    {
        Kind = kind, Subject = PendingChangeMap.NameOf(department, change), By = DepartmentMap.NameOf(department), Text = text, ToAct = toAct,
    };

    private static Notice OfProposals(GovernanceEvent.ProposalsTold e) => new()
    {
        Kind = e.State switch
        {
            ProposalState.Open => NoticeKind.ProposalsReceived,
            ProposalState.Accepted => NoticeKind.ProposalsAccepted,
            ProposalState.Declined => NoticeKind.ProposalsDeclined,
            ProposalState.Withdrawn => NoticeKind.ProposalsWithdrawn,
            ProposalState.Lapsed => NoticeKind.ProposalsLapsed,
            _ => NoticeKind.Unspecified,
        },
        Subject = ResourceMap.NameOf(e.Resource),
        Resource = ResourceMap.NameOf(e.Resource),
        Count = e.Count,
        DueTime = e.State is ProposalState.Open ? Timestamp.FromDateTimeOffset(e.DueTime) : null,
        ToAct = e.State is ProposalState.Open,
    };

    private static Notice OfStep(GovernanceEvent.GrantMoved e, DepartmentId told) => e.Step switch
    {
        GrantStep.Accepted => OfGrant(e.Grant, NoticeKind.GrantAccepted, e.Grant.Reader, e.Reason, false),
        GrantStep.Declined => OfGrant(e.Grant, NoticeKind.GrantDeclined, e.Grant.Reader, e.Reason, false),
        GrantStep.Started => OfGrant(e.Grant, NoticeKind.GrantStarted, null, e.Reason, false),
        GrantStep.Renewable => OfGrant(e.Grant, NoticeKind.GrantRenewable, null, e.Reason, told == e.Grant.Reader),
        GrantStep.RenewalRequested => OfGrant(e.Grant, NoticeKind.GrantRenewalRequested, e.Grant.Reader, e.Reason, told == e.Grant.Owner),
        GrantStep.Renewed => OfGrant(e.Grant, NoticeKind.GrantRenewed, e.Grant.Owner, e.Reason, false),
        GrantStep.RenewalRejected => OfGrant(e.Grant, NoticeKind.GrantRenewalRejected, e.Grant.Owner, e.Reason, false),
        GrantStep.Expired => OfGrant(e.Grant, NoticeKind.GrantExpired, null, e.Reason, false),
        _ => new Notice(),
    };

    private static Notice OfGrant(Grant grant, NoticeKind kind, DepartmentId? by, string text, bool toAct) => new()
    {
        Kind = kind,
        Subject = GrantMap.NameOf(grant.Owner, grant.Id),
        By = DepartmentMap.NameOf(by),
        Resource = ResourceMap.NameOf(grant.Resource),
        Text = text,
        DueTime = toAct ? Timestamp.FromDateTimeOffset(grant.ExpireTime) : null,
        ToAct = toAct,
    };
}
