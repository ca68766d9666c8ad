using System.Collections.Immutable;

namespace Exchange.Catalog.Governance;

/// <summary>
/// A fact about departments, catalog, access requests, grants, policies, clients, users or signing keys. Each carries what stood after it, so that applying needs no rule.
/// Stored as the messages of `exchange/stored/v1/governance_events.proto`.
/// </summary>
public abstract record GovernanceEvent
{
    private GovernanceEvent()
    {
    }

    /// <summary>A department joined the hub.</summary>
    public sealed record DepartmentRegistered(Department Department) : GovernanceEvent;

    /// <summary>A department's names or attributes changed.</summary>
    public sealed record DepartmentChanged(Department Department) : GovernanceEvent;

    /// <summary>Categories were added or renamed; parents stand before their children or are there already.</summary>
    public sealed record CategoriesDefined(ImmutableArray<Category> Categories) : GovernanceEvent;

    /// <summary>A version of a code list was published.</summary>
    public sealed record CodeListPublished(CodeList CodeList) : GovernanceEvent;

    /// <summary>A revision of a resource was published.</summary>
    public sealed record ResourcePublished(ResourceDefinition Resource) : GovernanceEvent;

    /// <summary>What a resource or its next revision shall be was written down.</summary>
    public sealed record ResourceDraftSaved(ResourceDraft Draft, ClientId Author, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A draft went to review.</summary>
    public sealed record ResourceDraftSubmitted(ResourceId Resource, ClientId Submitter, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A draft came back from review.</summary>
    public sealed record ResourceDraftRejected(ResourceId Resource, string Reason) : GovernanceEvent;

    /// <summary>A draft was approved, where its publication stands before it, or given up.</summary>
    public sealed record ResourceDraftEnded(ResourceId Resource, bool IsApproved) : GovernanceEvent;

    /// <summary>Somebody asks that a resource be revoked.</summary>
    public sealed record ResourceRevocationRequested(ResourceId Resource, string Reason, ClientId Requester, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A resource is not revoked, and why.</summary>
    public sealed record ResourceRevocationRejected(ResourceId Resource, string Reason) : GovernanceEvent;

    /// <summary>A resource is neither pushed nor read any more; the grants on it end.</summary>
    public sealed record ResourceRevoked(ResourceId Resource, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A department's entries for one resource changed.</summary>
    public sealed record SharingListChanged(SharingList SharingList) : GovernanceEvent;

    /// <summary>A client was registered.</summary>
    public sealed record ClientRegistered(ClientRegistration Client) : GovernanceEvent;

    /// <summary>A client may no longer act.</summary>
    public sealed record ClientDisabled(ClientId Client, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A key or certificate of a client was added, or given another end.</summary>
    public sealed record ClientKeyAdded(ClientId Client, RegisteredKey Key) : GovernanceEvent;

    /// <summary>A key or certificate no longer proves anything.</summary>
    public sealed record ClientKeyRemoved(ClientId Client, string Key, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A key that signs access tokens was added, maybe for later.</summary>
    public sealed record SigningKeyAdded(TokenSigningKey Key) : GovernanceEvent;

    /// <summary>A user was created, with its first enrolment code.</summary>
    public sealed record UserCreated(User User) : GovernanceEvent;

    /// <summary>A user set its password and its second factor.</summary>
    public sealed record UserEnrolled(UserId User, string PasswordHash, string SealedTotpSecret, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A user got a new enrolment code and lost its password and its second factor.</summary>
    public sealed record UserEnrolmentReset(UserId User, string EnrolmentCodeHash, DateTimeOffset EnrolmentExpireTime, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A user may no longer act.</summary>
    public sealed record UserDisabled(UserId User, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>An owner gave a reader a permission.</summary>
    public sealed record GrantIssued(Grant Grant) : GovernanceEvent;

    /// <summary>A permission ended before its time.</summary>
    public sealed record GrantRevoked(GrantId Grant, string Reason, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A grant took a step between its issue and its revocation.</summary>
    public sealed record GrantMoved(Grant Grant, GrantStep Step, string Reason, DateTimeOffset Time) : GovernanceEvent;

    /// <summary>A version of an agreement was published.</summary>
    public sealed record AgreementPublished(Agreement Agreement) : GovernanceEvent;

    /// <summary>An access request took a step: as a whole, or in the part of one owner. Nobody did what time brought.</summary>
    public sealed record AccessRequestMoved(AccessRequest Request, AccessRequestStep Step, DepartmentId? Owner, DepartmentId? By, string Text, DateTimeOffset Time)
        : GovernanceEvent;

    /// <summary>A department was told of proposals of records; nothing hangs on it.</summary>
    /// <param name="State">What they came to: open ones are new to their owner.</param>
    /// <param name="Told">The department.</param>
    /// <param name="Resource">Of which resource.</param>
    /// <param name="Count">How many.</param>
    /// <param name="DueTime">When the first of them lapses, or would have.</param>
    public sealed record ProposalsTold(Records.ProposalState State, DepartmentId Told, ResourceId Resource, int Count, DateTimeOffset DueTime) : GovernanceEvent;

    /// <summary>The hub's settings changed.</summary>
    public sealed record HubSettingsChanged(HubSettings Settings) : GovernanceEvent;

    /// <summary>A change waits for a second steward.</summary>
    public sealed record ChangeProposed(PendingChange Change) : GovernanceEvent;

    /// <summary>A second steward approved a change, and what it changes stands behind this; or it was rejected.</summary>
    public sealed record ChangeReviewed(PendingChangeId Change, DepartmentId Department, ClientId Reviewer, bool IsApproved, string Reason, DateTimeOffset Time)
        : GovernanceEvent;

    /// <summary>A policy row was added, or replaced under its id.</summary>
    public sealed record PolicyRowSet(PolicyRow Row) : GovernanceEvent;

    /// <summary>A policy row was taken away, and why.</summary>
    public sealed record PolicyRowRemoved(PolicyRowId Row, string Reason, DateTimeOffset Time) : GovernanceEvent;
}
