using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Access.Grants;
using Exchange.Server.Access.Requests;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Policies;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Governance.Changes;

/// <summary>Writes and reads changes that wait for a second steward.</summary>
internal static class PendingChangeMap
{
    private const int MostFields = 100;

    /// <summary>Name of a change; empty for none.</summary>
    public static string NameOf(PendingChange? change) => change is null ? "" : NameOf(change.Department, change.Id);

    /// <summary>Name of a change.</summary>
    public static string NameOf(DepartmentId department, PendingChangeId id) => $"{DepartmentMap.NameOf(department)}/pendingChanges/{id}";

    /// <summary>The change as the department's stewards see it.</summary>
    public static Proto.PendingChange ToProto(this PendingChange change, GovernanceState state) => new()
    {
        Name = NameOf(change),
        Author = change.Author.Value,
        CreateTime = Timestamp.FromDateTimeOffset(change.Time),
        Fields = { change.Fields.Take(MostFields).Select(NameOf) },
        Parts = { change.Events.Select(happened => ToPart(happened, state, change.Time)) },
    };

    /// <summary>As it is stored.</summary>
    public static ChangeProposed ToStored(GovernanceEvent.ChangeProposed e, GovernanceState state) => new()
    {
        Name = NameOf(e.Change),
        Author = e.Change.Author.Value,
        Time = Timestamp.FromDateTimeOffset(e.Change.Time),
        Fields = { e.Change.Fields.Select(NameOf) },
        Events =
        {
            e.Change.Events.Select(happened => GovernanceEventMap.ToStored(happened, state))
                .Select(stored => new ProposedEvent { Type = stored.Type, Payload = UnsafeByteOperations.UnsafeWrap(stored.Payload) }),
        },
    };

    /// <summary>As it is stored.</summary>
    public static ChangeReviewed ToStored(GovernanceEvent.ChangeReviewed e) => new()
    {
        Name = NameOf(e.Department, e.Change), Reviewer = e.Reviewer.Value, Approved = e.IsApproved, Reason = e.Reason, Time = Timestamp.FromDateTimeOffset(e.Time),
    };

    /// <summary>As it was stored.</summary>
    public static GovernanceEvent.ChangeProposed FromStored(ChangeProposed stored)
    {
        var (department, id) = ResourceNames.PendingChange("name", stored.Name).Value;
        return new(new PendingChange
        {
            Id = id,
            Department = department,
            Author = new ClientId(stored.Author),
            Time = stored.Time.ToDateTimeOffset(),
            Fields = [.. stored.Fields.Select(field => field.Split('/')).Select(parts => (new ResourceId(parts[1]), parts[3]))],
            Events = [.. stored.Events.Select(proposed => GovernanceEventMap.FromStored(proposed.Type, proposed.Payload.Span))],
        });
    }

    /// <summary>As it was stored.</summary>
    public static GovernanceEvent.ChangeReviewed FromStored(ChangeReviewed stored)
    {
        var (department, id) = ResourceNames.PendingChange("name", stored.Name).Value;
        return new(id, department, new ClientId(stored.Reviewer), stored.Approved, stored.Reason, stored.Time.ToDateTimeOffset());
    }

    private static string NameOf((ResourceId Resource, string Field) field) => $"{ResourceMap.NameOf(field.Resource)}/fields/{field.Field}";

    private static Proto.ChangePart ToPart(GovernanceEvent happened, GovernanceState state, DateTimeOffset time) => happened switch
    {
        GovernanceEvent.GrantIssued e => new() { Grant = e.Grant.ToProto(time) },
        GovernanceEvent.GrantMoved e => new() { Grant = e.Grant.ToProto(time) },
        GovernanceEvent.SharingListChanged e => new() { SharingList = e.SharingList.ToProto(state) },
        GovernanceEvent.PolicyRowSet e => new() { PolicyRow = e.Row.ToProto() },
        GovernanceEvent.PolicyRowRemoved e => new() { RemovedPolicyRow = PolicyRowMap.NameOf(e.Row) },
        GovernanceEvent.AccessRequestMoved e => new() { AccessRequest = AccessRequestMap.NameOf(e.Request.Id) },
        _ => new(),
    };
}
