using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Access.Agreements;
using Exchange.Server.Access.Grants;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Access.Requests;

/// <summary>Turns access requests into messages and back.</summary>
internal static class AccessRequestMap
{
    private const string Collection = "accessRequests";

    /// <summary>The name of a request.</summary>
    public static string NameOf(AccessRequestId id) => $"{Collection}/{id}";

    /// <summary>The request that a name inside a message means; a malformed one never is a valid id.</summary>
    public static AccessRequestId IdIn(string name) => new(ResourceNames.IdIn(Collection, name));

    /// <summary>The request as it stands now, with what its draft comes to.</summary>
    public static Proto.AccessRequest ToProto(this AccessRequest request, GovernanceState state, DateTimeOffset now)
    {
        var message = request.ToListed(state, now);
        if (request.State is AccessRequestState.Draft)
        {
            var needs = RequestNeeds.Of(state, request, now);
            message.Violations.Add(needs.Violations.Select(violation =>
                new Proto.DraftViolation { Field = violation.Field, Reason = violation.Reason, Message = violation.Message }));
            message.Unneeded.Add(needs.Unneeded.Select(field =>
                new Proto.UnneededField { Field = field.Field, Owner = DepartmentMap.NameOf(field.Owner), Reason = field.Reason }));
            message.Parts.Add(needs.Parts.Select(part => new Proto.AccessRequestPart { Owner = DepartmentMap.NameOf(part.Owner), Fields = { part.Fields } }));
        }

        return message;
    }

    /// <summary>The request as it stands now, as lists show it.</summary>
    public static Proto.AccessRequest ToListed(this AccessRequest request, GovernanceState state, DateTimeOffset now)
    {
        var message = request.ToStored();
        message.State = (Proto.AccessRequestState)request.StateIn(state, now);
        message.DueState = request.State is AccessRequestState.ConformityCheck ? Near(request.Clock) : default;
        foreach (var (shown, part) in message.Parts.Zip(request.Parts))
        {
            shown.State = (Proto.AccessRequestState)(request.State is AccessRequestState.OwnerReview ? part.StateIn(state, now) : request.State);
            var clock = request.State is AccessRequestState.OwnerReview ? part.ClockIn(state, now) : null;
            (shown.DueTime, shown.DueState) = (Timestamps.Write(clock?.Due), Near(clock));
        }

        return message;

        Proto.DueState Near(Clock? clock) => (Proto.DueState)(clock?.StateAt(state, now) ?? DueState.Unspecified);
    }

    /// <summary>What a message asks for, unchecked. A time beyond the calendar reads as none.</summary>
    public static AccessRequest ToDomain(this Proto.AccessRequest request) => new()
    {
        Id = IdIn(request.Name),
        Requester = new DepartmentId(ResourceNames.IdIn("departments", request.Requester)),
        Resource = new ResourceId(ResourceNames.IdIn("resources", request.Resource)),
        Fields = [.. request.Fields],
        Owners = [.. request.Owners.Select(owner => new DepartmentId(ResourceNames.IdIn("departments", owner)))],
        Basis = request.Basis.ToDomain(),
        Purpose = (Purpose)request.Purpose,
        Scene = request.Scene,
        RowFilter = request.RowFilter,
        Mode = (PlatformMode)request.Mode,
        StartTime = Timestamps.ReadOptional(request.StartTime),
        ExpireTime = Timestamps.Read(request.ExpireTime) ?? default,
        Quota = request.Quota.ToDomain(),
    };

    /// <summary>The terms of an approval, unchecked.</summary>
    public static ApprovalTerms ToDomain(this Proto.ApprovalTerms terms) => new()
    {
        Agreement = AgreementMap.IdIn(terms.Agreement),
        Fields = [.. terms.Fields],
        RowFilter = terms.RowFilter,
        Mask = terms.Mask.ToDomain(),
        Quota = terms.Quota is null ? null : terms.Quota.ToDomain(),
        ExpireTime = Timestamps.ReadOptional(terms.ExpireTime),
        RenewalPeriod = (RenewalPeriod)terms.RenewalPeriod,
    };

    /// <summary>A step as it is stored.</summary>
    public static AccessRequestMoved ToStored(this GovernanceEvent.AccessRequestMoved e) => new()
    {
        Request = e.Request.ToStored(),
        Step = (Protos.Stored.V1.AccessRequestStep)e.Step,
        Owner = DepartmentMap.NameOf(e.Owner),
        By = DepartmentMap.NameOf(e.By),
        Text = e.Text,
        Time = Timestamp.FromDateTimeOffset(e.Time),
    };

    /// <summary>A stored step.</summary>
    public static GovernanceEvent.AccessRequestMoved FromStored(AccessRequestMoved e) =>
        new(FromStored(e.Request), (Exchange.Catalog.AccessRequestStep)e.Step, ResourceNames.DepartmentIn(e.Owner), ResourceNames.DepartmentIn(e.By), e.Text, e.Time.ToDateTimeOffset());

    // States and how near limits are stand as they were told; what the grants and the time of day say besides is left out.
    private static Proto.AccessRequest ToStored(this AccessRequest request) => new()
    {
        Name = NameOf(request.Id),
        Requester = DepartmentMap.NameOf(request.Requester),
        Resource = ResourceMap.NameOf(request.Resource),
        Fields = { request.Fields },
        Owners = { request.Owners.Select(DepartmentMap.NameOf) },
        Basis = request.Basis.ToProto(),
        Purpose = (Proto.Purpose)request.Purpose,
        Scene = request.Scene,
        RowFilter = request.RowFilter,
        Mode = (Proto.PlatformMode)request.Mode,
        StartTime = Timestamps.Write(request.StartTime),
        ExpireTime = Timestamp.FromDateTimeOffset(request.ExpireTime),
        Quota = request.Quota.ToProto(),
        State = (Proto.AccessRequestState)request.State,
        Parts = { request.Parts.Select(ToStored) },
        Author = request.Author.Value,
        CreateTime = Timestamp.FromDateTimeOffset(request.CreateTime),
        SubmitTime = Timestamps.Write(request.SubmitTime),
        DueTime = Timestamps.Write(request.Clock?.Due),
        DueState = (Proto.DueState)(request.Clock?.Told ?? DueState.Unspecified),
        RejectReason = request.RejectReason,
        Etag = request.Etag,
    };

    private static Proto.AccessRequestPart ToStored(AccessRequestPart part) => new()
    {
        Owner = DepartmentMap.NameOf(part.Owner),
        Fields = { part.Fields },
        State = (Proto.AccessRequestState)part.State,
        DueTime = Timestamps.Write(part.Clock?.Due),
        DueState = (Proto.DueState)(part.Clock?.Told ?? DueState.Unspecified),
        Reason = part.Reason,
        Question = part.Question,
        Answer = part.Answer,
        ApprovedFields = { part.ApprovedFields },
        Grant = part.Grant is { } grant ? GrantMap.NameOf(part.Owner, grant) : "",
        HandedOverTo = DepartmentMap.NameOf(part.HandedOverTo),
        Decider = part.Decider?.Value ?? "",
    };

    private static AccessRequest FromStored(Proto.AccessRequest request) => request.ToDomain() with
    {
        State = (AccessRequestState)request.State,
        Parts = [.. request.Parts.Select(FromStored)],
        Author = new ClientId(request.Author),
        CreateTime = request.CreateTime.ToDateTimeOffset(),
        SubmitTime = Timestamps.Read(request.SubmitTime),
        Clock = ClockOf(request.DueTime, request.DueState),
        RejectReason = request.RejectReason,
        Revision = int.Parse(request.Etag.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static AccessRequestPart FromStored(Proto.AccessRequestPart part) => new()
    {
        Owner = ResourceNames.DepartmentIn(part.Owner)!.Value,
        Fields = [.. part.Fields],
        State = (AccessRequestState)part.State,
        Clock = ClockOf(part.DueTime, part.DueState),
        Reason = part.Reason,
        Question = part.Question,
        Answer = part.Answer,
        ApprovedFields = [.. part.ApprovedFields],
        Grant = part.Grant.Length is 0 ? null : ResourceNames.Grant("grant", part.Grant).Value.Grant,
        HandedOverTo = ResourceNames.DepartmentIn(part.HandedOverTo),
        Decider = part.Decider.Length is 0 ? null : new ClientId(part.Decider),
    };

    private static Clock? ClockOf(Timestamp? due, Proto.DueState told) => Timestamps.Read(due) is { } end ? new Clock(end, (DueState)told) : null;
}
