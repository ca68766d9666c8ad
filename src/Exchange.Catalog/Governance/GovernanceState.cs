using System.Collections.Immutable;
using System.Diagnostics;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog.Governance;

/// <summary>
/// Departments, catalog, access requests, grants, policies, clients, users and signing keys as they stand at one position of the governance partition. Immutable:
/// <see cref="Apply"/> makes the next one and shares what did not change. Keys sort by ordinal text.
/// </summary>
public sealed record GovernanceState
{
    // Built when first asked for, shared by the states that follow until something in it changes.
    private Lazy<HubPolicy> _policy = PolicyOf(Sorted<Department>(), Sorted<ResourceDefinition>(), Sorted<Category>(), Sorted<PolicyRow>());

    /// <summary>The hub before its first event.</summary>
    public static GovernanceState Empty { get; } = new();

    /// <summary>Position of the last applied event: the policy revision. 0 before the first.</summary>
    public long Position { get; private init; }

    /// <summary>
    /// Position of the last event that may have changed what somebody may read or push. Plans compiled at it count until the next one: what lies between
    /// is words about requests, drafts, who may sign in.
    /// </summary>
    public long RightsPosition { get; private init; }

    /// <summary>Departments by id.</summary>
    public ImmutableSortedDictionary<string, Department> Departments { get; private init; } = Sorted<Department>();

    /// <summary>The department each source system belongs to.</summary>
    public ImmutableDictionary<SourceSystemId, DepartmentId> SourceSystems { get; private init; } = ImmutableDictionary<SourceSystemId, DepartmentId>.Empty;

    /// <summary>Categories by code.</summary>
    public ImmutableSortedDictionary<string, Category> Categories { get; private init; } = Sorted<Category>();

    /// <summary>Current versions of the code lists by id.</summary>
    public ImmutableSortedDictionary<string, CodeList> CodeLists { get; private init; } = Sorted<CodeList>();

    /// <summary>Current revisions of the resources by id.</summary>
    public ImmutableSortedDictionary<string, ResourceDefinition> Resources { get; private init; } = Sorted<ResourceDefinition>();

    /// <summary>Last revisions of the resources that were revoked, by id: nobody reads or pushes them.</summary>
    public ImmutableSortedDictionary<string, ResourceDefinition> RevokedResources { get; private init; } = Sorted<ResourceDefinition>();

    /// <summary>The newest draft of each resource that ever had one, by the resource's id: open and ended ones.</summary>
    public ImmutableSortedDictionary<string, CatalogDraft> Drafts { get; private init; } = Sorted<CatalogDraft>();

    /// <summary>Revocations asked for, by the resource's id: until it is revoked or published anew.</summary>
    public ImmutableSortedDictionary<string, ResourceRevocation> Revocations { get; private init; } = Sorted<ResourceRevocation>();

    /// <summary>Sharing lists that departments wrote.</summary>
    public ImmutableDictionary<SharingListKey, SharingList> SharingLists { get; private init; } = ImmutableDictionary<SharingListKey, SharingList>.Empty;

    /// <summary>Grants by id: active, expired and revoked ones.</summary>
    public ImmutableSortedDictionary<string, Grant> Grants { get; private init; } = Sorted<Grant>();

    /// <summary>Versions of the agreements from the first to the current one, by `{department}/{agreement}`.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Agreement>> Agreements { get; private init; } = Sorted<ImmutableArray<Agreement>>();

    /// <summary>Access requests by id: drafts, open and ended ones.</summary>
    public ImmutableSortedDictionary<string, AccessRequest> AccessRequests { get; private init; } = Sorted<AccessRequest>();

    /// <summary>What the hub settles for all departments.</summary>
    public HubSettings Settings { get; private init; } = HubSettings.Default;

    /// <summary>Positions of the events that departments are told of, rising, by department.</summary>
    public ImmutableSortedDictionary<string, ImmutableList<long>> Inboxes { get; private init; } = Sorted<ImmutableList<long>>();

    /// <summary>Changes that wait for a second steward, by id.</summary>
    public ImmutableSortedDictionary<string, PendingChange> PendingChanges { get; private init; } = Sorted<PendingChange>();

    /// <summary>Policy rows that were set, by id; the base rows are not among them.</summary>
    public ImmutableSortedDictionary<string, PolicyRow> PolicyRows { get; private init; } = Sorted<PolicyRow>();

    /// <summary>Clients by id, disabled ones too.</summary>
    public ImmutableSortedDictionary<string, ClientRegistration> Clients { get; private init; } = Sorted<ClientRegistration>();

    /// <summary>The keys that sign access tokens.</summary>
    public SigningKeyRing SigningKeys { get; private init; } = SigningKeyRing.Empty;

    /// <summary>Users by id, disabled ones too.</summary>
    public ImmutableSortedDictionary<string, User> Users { get; private init; } = Sorted<User>();

    /// <summary>The policy of these departments, resources, categories and rows, ready to decide.</summary>
    public HubPolicy Policy => _policy.Value;

    /// <summary>The state after one more event, which stands at this position.</summary>
    public GovernanceState Apply(GovernanceEvent governanceEvent, long position)
    {
        var next = governanceEvent switch
        {
            GovernanceEvent.DepartmentRegistered e => this with
            {
                Departments = Departments.SetItem(e.Department.Id.Value, e.Department),
                SourceSystems = SourceSystems.SetItems(
                    e.Department.SourceSystems.Select(system => KeyValuePair.Create(system, e.Department.Id))),
            },
            GovernanceEvent.DepartmentChanged e => this with { Departments = Departments.SetItem(e.Department.Id.Value, e.Department) },
            GovernanceEvent.CategoriesDefined e => this with
            {
                Categories = Categories.SetItems(e.Categories.Select(category => KeyValuePair.Create(category.Code.Value, category))),
            },
            GovernanceEvent.CodeListPublished e => this with
            {
                CodeLists = CodeLists.SetItem(e.CodeList.Id.Value, e.CodeList),
                Resources = e.CodeList.Mappings.IsEmpty ? Resources : SourcedFields.After(e.CodeList, Resources),
            },
            GovernanceEvent.ResourcePublished e => this with
            {
                Resources = Resources.SetItem(e.Resource.Id.Value, SourcedFields.Of(e.Resource, LastResource(e.Resource.Id), CodeLists)),
                RevokedResources = RevokedResources.Remove(e.Resource.Id.Value),
                Revocations = Revocations.Remove(e.Resource.Id.Value),
            },
            GovernanceEvent.ResourceDraftSaved e => WithDraft(e.Draft.Id, earlier => CatalogDraft.Saved(earlier, e)),
            GovernanceEvent.ResourceDraftSubmitted e => WithDraft(e.Resource, earlier => earlier!.Submitted(e)),
            GovernanceEvent.ResourceDraftRejected e => WithDraft(e.Resource, earlier => earlier!.Rejected(e)),
            GovernanceEvent.ResourceDraftEnded e => WithDraft(e.Resource, earlier => earlier!.Ended(e)),
            GovernanceEvent.ResourceRevocationRequested e => this with
            {
                Revocations = Revocations.SetItem(e.Resource.Value, new ResourceRevocation(e.Reason, e.Requester, e.Time, "")),
            },
            GovernanceEvent.ResourceRevocationRejected e => this with
            {
                Revocations = Revocations.SetItem(e.Resource.Value, Revocations[e.Resource.Value] with { RejectReason = e.Reason }),
            },
            GovernanceEvent.ResourceRevoked e => this with
            {
                Resources = Resources.Remove(e.Resource.Value),
                RevokedResources = RevokedResources.SetItem(e.Resource.Value, Resources[e.Resource.Value]),
                Revocations = Revocations.Remove(e.Resource.Value),
                Grants = Grants.SetItems(Grants.Where(grant => grant.Value.Resource == e.Resource && grant.Value.MayCountAt(e.Time))
                    .Select(grant => KeyValuePair.Create(grant.Key, grant.Value with { RevokeTime = e.Time }))),
            },
            GovernanceEvent.SharingListChanged e => this with
            {
                SharingLists = SharingLists.SetItem(new SharingListKey(e.SharingList.Department, e.SharingList.Resource), e.SharingList),
            },
            GovernanceEvent.ClientRegistered e => this with { Clients = Clients.SetItem(e.Client.Id.Value, e.Client) },
            GovernanceEvent.ClientDisabled e => this with
            {
                Clients = Clients.SetItem(e.Client.Value, Clients[e.Client.Value] with { DisableTime = e.Time }),
            },
            GovernanceEvent.ClientKeyAdded e => this with { Clients = Clients.SetItem(e.Client.Value, Clients[e.Client.Value].With(e.Key)) },
            GovernanceEvent.ClientKeyRemoved e => this with { Clients = Clients.SetItem(e.Client.Value, Clients[e.Client.Value].Without(e.Key)) },
            GovernanceEvent.SigningKeyAdded e => this with { SigningKeys = SigningKeys.Add(e.Key) },
            GovernanceEvent.UserCreated e => this with { Users = Users.SetItem(e.User.Id.Value, e.User) },
            GovernanceEvent.UserEnrolled e => this with { Users = Users.SetItem(e.User.Value, Users[e.User.Value].Enrolled(e)) },
            GovernanceEvent.UserEnrolmentReset e => this with { Users = Users.SetItem(e.User.Value, Users[e.User.Value].Reset(e)) },
            GovernanceEvent.UserDisabled e => this with
            {
                Users = Users.SetItem(e.User.Value, Users[e.User.Value] with { DisableTime = e.Time }),
            },
            GovernanceEvent.GrantIssued e => this with { Grants = Grants.SetItem(e.Grant.Id.Value, e.Grant) },
            GovernanceEvent.GrantRevoked e => this with
            {
                Grants = Grants.SetItem(e.Grant.Value, Grants[e.Grant.Value] with { RevokeTime = e.Time, Reason = e.Reason, RenewalRequestTime = null }),
            },
            GovernanceEvent.GrantMoved e => this with { Grants = Grants.SetItem(e.Grant.Id.Value, e.Grant) },
            GovernanceEvent.AgreementPublished e => this with
            {
                Agreements = Agreements.SetItem(e.Agreement.Id.ToString(), Agreements.GetValueOrDefault(e.Agreement.Id.ToString(), []).Add(e.Agreement)),
            },
            GovernanceEvent.AccessRequestMoved e => this with { AccessRequests = AccessRequests.SetItem(e.Request.Id.Value, e.Request) },
            GovernanceEvent.HubSettingsChanged e => this with { Settings = e.Settings },
            GovernanceEvent.ChangeProposed e => this with
            {
                PendingChanges = PendingChanges.SetItem(e.Change.Id.Value, e.Change with { Bases = FourEyes.BasesOf(this, e.Change.Events) }),
            },
            GovernanceEvent.ChangeReviewed e => this with { PendingChanges = PendingChanges.Remove(e.Change.Value) },
            GovernanceEvent.ProposalsTold => this,
            GovernanceEvent.PolicyRowSet e => this with { PolicyRows = PolicyRows.SetItem(e.Row.Id.Value, e.Row) },
            GovernanceEvent.PolicyRowRemoved e => this with { PolicyRows = PolicyRows.Remove(e.Row.Value) },
            _ => throw new UnreachableException($"governance event {governanceEvent?.GetType().Name} has no application"),
        };
        var isSamePolicy = ReferenceEquals(next.Departments, Departments) && ReferenceEquals(next.Resources, Resources)
            && ReferenceEquals(next.Categories, Categories) && ReferenceEquals(next.PolicyRows, PolicyRows);
        return next with
        {
            Position = position,
            RightsPosition = MayChangeRights(governanceEvent) ? position : RightsPosition,
            Inboxes = Addressees.Of(governanceEvent, this)
                .Aggregate(Inboxes, (inboxes, told) => inboxes.SetItem(told.Value, inboxes.GetValueOrDefault(told.Value, []).Add(position))),
            _policy = isSamePolicy ? _policy : PolicyOf(next.Departments, next.Resources, next.Categories, next.PolicyRows),
        };
    }

    /// <summary>The state after these events, as if they came next: what a decision would lead to.</summary>
    public GovernanceState After(IEnumerable<GovernanceEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.Aggregate(this, (at, happened) => at.Apply(happened, at.Position + 1));
    }

    /// <summary>A resource's last revision, published or revoked; null when it never had one.</summary>
    public ResourceDefinition? LastResource(ResourceId resource) =>
        Resources.GetValueOrDefault(resource.ToString()) ?? RevokedResources.GetValueOrDefault(resource.ToString());

    /// <summary>Where a resource stands; unspecified when it was never published.</summary>
    public ResourceState StateOf(ResourceId resource) =>
        (Resources.ContainsKey(resource.ToString()), Revocations.GetValueOrDefault(resource.ToString())) switch
        {
            (true, null) => ResourceState.Published,
            (true, { IsOpen: true }) => ResourceState.RevokeReview,
            (true, _) => ResourceState.RevokeRejected,
            _ => RevokedResources.ContainsKey(resource.ToString()) ? ResourceState.Revoked : ResourceState.Unspecified,
        };

    /// <summary>The department's list, or an empty one of revision 0 when it wrote none.</summary>
    public SharingList SharingListOf(DepartmentId department, ResourceId resource) =>
        SharingLists.GetValueOrDefault(new SharingListKey(department, resource))
        ?? new SharingList { Department = department, Resource = resource, Entries = [], Revision = 0 };

    /// <summary>How a field of this department's records is shared: its own entry, or the resource's defaults.</summary>
    public SharingEntry SharingOf(DepartmentId department, ResourceId resource, FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return SharingLists.TryGetValue(new SharingListKey(department, resource), out var list) && list.TryGetEntry(field.Number, out var entry)
            ? entry with { Mask = entry.Mask.Or(field.Mask) }
            : new SharingEntry
            {
                FieldNumber = field.Number,
                Level = field.Level,
                SharingClass = field.SharingClass,
                OpenClass = field.OpenClass,
                Terms = field.Terms,
                UpdateCycle = UpdateCycle.Unspecified,
                Mask = field.Mask,
            };
    }

    /// <summary>Grants of this resource to a reader, from every owner, whatever became of them.</summary>
    public IEnumerable<Grant> GrantsTo(DepartmentId reader, ResourceId resource) =>
        Grants.Values.Where(grant => grant.Reader == reader && grant.Resource == resource);

    /// <summary>The policy rows that were set about the resource, its fields or something above, by id. Told without the engine.</summary>
    public IEnumerable<PolicyRow> PolicyRowsOn(ResourceDefinition resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PolicyRows.Values.Where(row => PolicyReach.MayTouch(row, resource, this));
    }

    // Whatever is not known to change none, may. Plans know by themselves when grants start and end.
    private static bool MayChangeRights(GovernanceEvent happened) => happened switch
    {
        GovernanceEvent.ResourceDraftSaved or GovernanceEvent.ResourceDraftSubmitted or GovernanceEvent.ResourceDraftRejected or GovernanceEvent.ResourceDraftEnded => false,
        GovernanceEvent.ResourceRevocationRequested or GovernanceEvent.ResourceRevocationRejected => false,
        GovernanceEvent.ClientRegistered or GovernanceEvent.ClientDisabled or GovernanceEvent.ClientKeyAdded or GovernanceEvent.ClientKeyRemoved => false,
        GovernanceEvent.UserCreated or GovernanceEvent.UserEnrolled or GovernanceEvent.UserEnrolmentReset or GovernanceEvent.UserDisabled => false,
        GovernanceEvent.SigningKeyAdded or GovernanceEvent.AgreementPublished or GovernanceEvent.AccessRequestMoved or GovernanceEvent.HubSettingsChanged => false,
        GovernanceEvent.ChangeProposed or GovernanceEvent.ChangeReviewed or GovernanceEvent.ProposalsTold => false,
        GovernanceEvent.GrantMoved e => e.Step is GrantStep.Accepted or GrantStep.Renewed,
        _ => true,
    };

    private GovernanceState WithDraft(ResourceId resource, Func<CatalogDraft?, CatalogDraft> change) =>
        this with { Drafts = Drafts.SetItem(resource.Value, change(Drafts.GetValueOrDefault(resource.Value))) };

    private static Lazy<HubPolicy> PolicyOf(
        ImmutableSortedDictionary<string, Department> departments,
        ImmutableSortedDictionary<string, ResourceDefinition> resources,
        ImmutableSortedDictionary<string, Category> categories,
        ImmutableSortedDictionary<string, PolicyRow> rows) => new(() => new HubPolicy(departments, resources, categories, rows));

    private static ImmutableSortedDictionary<string, T> Sorted<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
