using System.Diagnostics;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Access.Agreements;
using Exchange.Server.Access.Grants;
using Exchange.Server.Access.Requests;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance.Changes;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Registry;
using Exchange.Server.Identity.Users;
using Exchange.Server.Policies;
using Exchange.Server.Settings;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Server.Governance;

/// <summary>The one table between governance events and what is stored of them.</summary>
internal static class GovernanceEventMap
{
    /// <summary>Stored name and payload of an event. The state before it tells what the event itself does not: whose client or grant it was, what a removed row said.</summary>
    public static (string Type, byte[] Payload) ToStored(GovernanceEvent governanceEvent, GovernanceState state)
    {
        (string Type, IMessage Payload) stored = governanceEvent switch
        {
            GovernanceEvent.DepartmentRegistered e => (GovernanceEventTypes.DepartmentRegistered, new DepartmentRegistered { Department = e.Department.ToProto() }),
            GovernanceEvent.DepartmentChanged e => (GovernanceEventTypes.DepartmentChanged, new DepartmentChanged { Department = e.Department.ToProto() }),
            GovernanceEvent.CategoriesDefined e => (
                GovernanceEventTypes.CategoriesDefined, new CategoriesDefined { Categories = { e.Categories.Select(category => category.ToProto()) } }),
            GovernanceEvent.CodeListPublished e => (GovernanceEventTypes.CodeListPublished, new CodeListPublished { CodeList = e.CodeList.ToProto() }),
            GovernanceEvent.ResourcePublished e => (GovernanceEventTypes.ResourcePublished, new ResourcePublished { Resource = e.Resource.ToProto() }),
            GovernanceEvent.ResourceDraftSaved or GovernanceEvent.ResourceDraftSubmitted or GovernanceEvent.ResourceDraftRejected or GovernanceEvent.ResourceDraftEnded
                or GovernanceEvent.ResourceRevocationRequested or GovernanceEvent.ResourceRevocationRejected or GovernanceEvent.ResourceRevoked => ResourceLifeMap.ToStored(governanceEvent),
            GovernanceEvent.SharingListChanged e => (GovernanceEventTypes.SharingListChanged, new SharingListChanged { SharingList = e.SharingList.ToStored() }),
            GovernanceEvent.ClientRegistered e => (
                GovernanceEventTypes.ClientRegistered, new ClientRegistered { Client = e.Client.ToProto(), SecretHash = e.Client.SecretHash }),
            GovernanceEvent.ClientDisabled e => (
                GovernanceEventTypes.ClientDisabled,
                new ClientDisabled { Name = ClientMap.NameOf(state.Clients[e.Client.Value]), Time = Timestamp.FromDateTimeOffset(e.Time) }),
            GovernanceEvent.ClientKeyAdded e => (GovernanceEventTypes.ClientKeyAdded, new ClientKeyAdded { Key = e.Key.ToProto(state.Clients[e.Client.Value]) }),
            GovernanceEvent.ClientKeyRemoved e => (
                GovernanceEventTypes.ClientKeyRemoved,
                new ClientKeyRemoved { Name = RegisteredKeyMap.NameOf(state.Clients[e.Client.Value], e.Key), Time = Timestamp.FromDateTimeOffset(e.Time) }),
            GovernanceEvent.SigningKeyAdded e => (GovernanceEventTypes.SigningKeyAdded, e.Key.ToStored()),
            GovernanceEvent.UserCreated e => (
                GovernanceEventTypes.UserCreated, new UserCreated { User = e.User.ToProto(), EnrolmentCodeHash = e.User.EnrolmentCodeHash }),
            GovernanceEvent.UserEnrolled e => (GovernanceEventTypes.UserEnrolled, e.ToStored(state.Users[e.User.Value])),
            GovernanceEvent.UserEnrolmentReset e => (GovernanceEventTypes.UserEnrolmentReset, e.ToStored(state.Users[e.User.Value])),
            GovernanceEvent.UserDisabled e => (
                GovernanceEventTypes.UserDisabled,
                new UserDisabled { Name = UserMap.NameOf(state.Users[e.User.Value]), Time = Timestamp.FromDateTimeOffset(e.Time) }),
            GovernanceEvent.GrantIssued e => (GovernanceEventTypes.GrantIssued, new GrantIssued { Grant = e.Grant.ToStored() }),
            GovernanceEvent.GrantRevoked e => (
                GovernanceEventTypes.GrantRevoked,
                new GrantRevoked
                {
                    Name = GrantMap.NameOf(state.Grants[e.Grant.Value].Owner, e.Grant), Reason = e.Reason, Time = Timestamp.FromDateTimeOffset(e.Time),
                }),
            GovernanceEvent.GrantMoved e => (GovernanceEventTypes.GrantMoved, e.ToStored()),
            GovernanceEvent.AgreementPublished e => (GovernanceEventTypes.AgreementPublished, new AgreementPublished { Agreement = e.Agreement.ToProto() }),
            GovernanceEvent.AccessRequestMoved e => (GovernanceEventTypes.AccessRequestMoved, e.ToStored()),
            GovernanceEvent.HubSettingsChanged e => (GovernanceEventTypes.HubSettingsChanged, new HubSettingsChanged { Settings = e.Settings.ToProto() }),
            GovernanceEvent.ChangeProposed e => (GovernanceEventTypes.ChangeProposed, PendingChangeMap.ToStored(e, state)),
            GovernanceEvent.ChangeReviewed e => (GovernanceEventTypes.ChangeReviewed, PendingChangeMap.ToStored(e)),
            GovernanceEvent.ProposalsTold e => (GovernanceEventTypes.ProposalsTold, new ProposalsTold
            {
                State = (Protos.V1.ProposalState)e.State, Department = e.Told.Value, Resource = e.Resource.Value, Count = e.Count, DueTime = Timestamp.FromDateTimeOffset(e.DueTime),
            }),
            GovernanceEvent.PolicyRowSet e => (GovernanceEventTypes.PolicyRowSet, new PolicyRowSet { Row = e.Row.ToProto() }),
            GovernanceEvent.PolicyRowRemoved e => (
                GovernanceEventTypes.PolicyRowRemoved,
                new PolicyRowRemoved { Name = PolicyRowMap.NameOf(e.Row), Row = state.PolicyRows[e.Row.Value].ToProto(), Reason = e.Reason, Time = Timestamp.FromDateTimeOffset(e.Time) }),
            _ => throw new UnreachableException($"governance event {governanceEvent?.GetType().Name} has no stored name"),
        };
        return (stored.Type, stored.Payload.ToByteArray());
    }

    /// <summary>A stored event. One that this version does not know means that a newer hub wrote to the store: it must not decide without it.</summary>
    public static GovernanceEvent FromStored(string type, ReadOnlySpan<byte> payload) => type switch
    {
        GovernanceEventTypes.DepartmentRegistered => new GovernanceEvent.DepartmentRegistered(
            DepartmentRegistered.Parser.ParseFrom(payload).Department.ToDomain()),
        GovernanceEventTypes.DepartmentChanged => new GovernanceEvent.DepartmentChanged(DepartmentChanged.Parser.ParseFrom(payload).Department.ToDomain()),
        GovernanceEventTypes.CategoriesDefined => new GovernanceEvent.CategoriesDefined(
            [.. CategoriesDefined.Parser.ParseFrom(payload).Categories.Select(category => category.ToDomain())]),
        GovernanceEventTypes.CodeListPublished => new GovernanceEvent.CodeListPublished(CodeListPublished.Parser.ParseFrom(payload).CodeList.ToDomain()),
        GovernanceEventTypes.ResourcePublished => new GovernanceEvent.ResourcePublished(ResourcePublished.Parser.ParseFrom(payload).Resource.ToDomain()),
        GovernanceEventTypes.ResourceDraftSaved or GovernanceEventTypes.ResourceDraftSubmitted or GovernanceEventTypes.ResourceDraftRejected
            or GovernanceEventTypes.ResourceDraftEnded or GovernanceEventTypes.ResourceRevocationRequested or GovernanceEventTypes.ResourceRevocationRejected
            or GovernanceEventTypes.ResourceRevoked => ResourceLifeMap.FromStored(type, payload),
        GovernanceEventTypes.SharingListChanged => new GovernanceEvent.SharingListChanged(
            SharingListMap.FromStored(SharingListChanged.Parser.ParseFrom(payload).SharingList)),
        GovernanceEventTypes.ClientRegistered => Registered(ClientRegistered.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ClientDisabled => Disabled(ClientDisabled.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ClientKeyAdded => KeyAdded(ClientKeyAdded.Parser.ParseFrom(payload).Key),
        GovernanceEventTypes.ClientKeyRemoved => KeyRemoved(ClientKeyRemoved.Parser.ParseFrom(payload)),
        GovernanceEventTypes.SigningKeyAdded => new GovernanceEvent.SigningKeyAdded(SigningKeyMap.FromStored(SigningKeyAdded.Parser.ParseFrom(payload))),
        GovernanceEventTypes.UserCreated => UserMap.FromStored(UserCreated.Parser.ParseFrom(payload)),
        GovernanceEventTypes.UserEnrolled => UserMap.FromStored(UserEnrolled.Parser.ParseFrom(payload)),
        GovernanceEventTypes.UserEnrolmentReset => UserMap.FromStored(UserEnrolmentReset.Parser.ParseFrom(payload)),
        GovernanceEventTypes.UserDisabled => UserMap.FromStored(UserDisabled.Parser.ParseFrom(payload)),
        GovernanceEventTypes.GrantIssued => new GovernanceEvent.GrantIssued(GrantIssued.Parser.ParseFrom(payload).Grant.ToDomain()),
        GovernanceEventTypes.GrantRevoked => Revoked(GrantRevoked.Parser.ParseFrom(payload)),
        GovernanceEventTypes.GrantMoved => GrantMap.FromStored(GrantMoved.Parser.ParseFrom(payload)),
        GovernanceEventTypes.AgreementPublished => new GovernanceEvent.AgreementPublished(AgreementPublished.Parser.ParseFrom(payload).Agreement.ToDomain()),
        GovernanceEventTypes.AccessRequestMoved => AccessRequestMap.FromStored(AccessRequestMoved.Parser.ParseFrom(payload)),
        GovernanceEventTypes.HubSettingsChanged => new GovernanceEvent.HubSettingsChanged(HubSettingsChanged.Parser.ParseFrom(payload).Settings.ToDomain()),
        GovernanceEventTypes.ChangeProposed => PendingChangeMap.FromStored(ChangeProposed.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ChangeReviewed => PendingChangeMap.FromStored(ChangeReviewed.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ProposalsTold => FromStored(ProposalsTold.Parser.ParseFrom(payload)),
        GovernanceEventTypes.PolicyRowSet => new GovernanceEvent.PolicyRowSet(PolicyRowSet.Parser.ParseFrom(payload).Row.ToDomain()),
        GovernanceEventTypes.PolicyRowRemoved => Removed(PolicyRowRemoved.Parser.ParseFrom(payload)),
        _ => throw new InvalidDataException($"this version of the hub does not know the governance event `{type}`: run the newer version that wrote it"),
    };

    private static GovernanceEvent.ClientRegistered Registered(ClientRegistered e) => new(ClientMap.FromStored(e.Client, e.SecretHash));

    private static GovernanceEvent.ClientDisabled Disabled(ClientDisabled e) =>
        new(ResourceNames.Client("name", e.Name).Value.Client, e.Time.ToDateTimeOffset());

    private static GovernanceEvent.ClientKeyAdded KeyAdded(Protos.V1.RegisteredKey key) =>
        new(ResourceNames.RegisteredKey("name", key.Name).Value.Client, RegisteredKeyMap.FromStored(key));

    private static GovernanceEvent.ClientKeyRemoved KeyRemoved(ClientKeyRemoved e)
    {
        var (_, client, key) = ResourceNames.RegisteredKey("name", e.Name).Value;
        return new(client, key, e.Time.ToDateTimeOffset());
    }

    private static GovernanceEvent.GrantRevoked Revoked(GrantRevoked e) =>
        new(ResourceNames.Grant("name", e.Name).Value.Grant, e.Reason, e.Time.ToDateTimeOffset());

    private static GovernanceEvent.ProposalsTold FromStored(ProposalsTold e) =>
        new((Exchange.Catalog.Records.ProposalState)e.State, new DepartmentId(e.Department), new ResourceId(e.Resource), e.Count, e.DueTime.ToDateTimeOffset());

    private static GovernanceEvent.PolicyRowRemoved Removed(PolicyRowRemoved e) =>
        new(PolicyRowMap.IdIn("name", e.Name).Value, e.Reason, e.Time.ToDateTimeOffset());
}
