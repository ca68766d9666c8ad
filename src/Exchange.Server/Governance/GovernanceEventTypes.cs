namespace Exchange.Server.Governance;

/// <summary>Stored names of governance events. They stand in every log for good.</summary>
internal static class GovernanceEventTypes
{
    /// <summary>A department joined the hub.</summary>
    public const string DepartmentRegistered = "department-registered";

    /// <summary>A department's names or attributes changed.</summary>
    public const string DepartmentChanged = "department-changed";

    /// <summary>Categories were added or renamed.</summary>
    public const string CategoriesDefined = "categories-defined";

    /// <summary>A version of a code list was published.</summary>
    public const string CodeListPublished = "code-list-published";

    /// <summary>A revision of a resource was published.</summary>
    public const string ResourcePublished = "resource-published";

    /// <summary>A draft of a resource was created or replaced.</summary>
    public const string ResourceDraftSaved = "resource-draft-saved";

    /// <summary>A draft went to review.</summary>
    public const string ResourceDraftSubmitted = "resource-draft-submitted";

    /// <summary>A draft came back from review.</summary>
    public const string ResourceDraftRejected = "resource-draft-rejected";

    /// <summary>A draft was approved or given up.</summary>
    public const string ResourceDraftEnded = "resource-draft-ended";

    /// <summary>Somebody asks that a resource be revoked.</summary>
    public const string ResourceRevocationRequested = "resource-revocation-requested";

    /// <summary>A resource stays published.</summary>
    public const string ResourceRevocationRejected = "resource-revocation-rejected";

    /// <summary>A resource is neither pushed nor read any more.</summary>
    public const string ResourceRevoked = "resource-revoked";

    /// <summary>A department's entries for one resource changed.</summary>
    public const string SharingListChanged = "sharing-list-changed";

    /// <summary>A client was registered.</summary>
    public const string ClientRegistered = "client-registered";

    /// <summary>A client may no longer act.</summary>
    public const string ClientDisabled = "client-disabled";

    /// <summary>A key or certificate of a client was added, or given another end.</summary>
    public const string ClientKeyAdded = "client-key-added";

    /// <summary>A key or certificate of a client no longer proves anything.</summary>
    public const string ClientKeyRemoved = "client-key-removed";

    /// <summary>A key that signs access tokens was added.</summary>
    public const string SigningKeyAdded = "signing-key-added";

    /// <summary>A user was created.</summary>
    public const string UserCreated = "user-created";

    /// <summary>A user set its password and its second factor.</summary>
    public const string UserEnrolled = "user-enrolled";

    /// <summary>A user got a new enrolment code and lost its password and its second factor.</summary>
    public const string UserEnrolmentReset = "user-enrolment-reset";

    /// <summary>A user may no longer act.</summary>
    public const string UserDisabled = "user-disabled";

    /// <summary>An owner gave a reader a permission.</summary>
    public const string GrantIssued = "grant-issued";

    /// <summary>A permission ended before its time.</summary>
    public const string GrantRevoked = "grant-revoked";

    /// <summary>A permission was accepted, declined, renewed, or took a step that time brings.</summary>
    public const string GrantMoved = "grant-moved";

    /// <summary>A version of an agreement was published.</summary>
    public const string AgreementPublished = "agreement-published";

    /// <summary>An access request took a step.</summary>
    public const string AccessRequestMoved = "access-request-moved";

    /// <summary>The hub's settings changed.</summary>
    public const string HubSettingsChanged = "hub-settings-changed";

    /// <summary>A change waits for a second steward.</summary>
    public const string ChangeProposed = "change-proposed";

    /// <summary>A second steward approved a change, or it was rejected.</summary>
    public const string ChangeReviewed = "change-reviewed";

    /// <inheritdoc cref="Exchange.Catalog.Governance.GovernanceEvent.ProposalsTold"/>
    public const string ProposalsTold = "proposals-told";

    /// <summary>A policy row was created or replaced.</summary>
    public const string PolicyRowSet = "policy-row-set";

    /// <summary>A policy row no longer stands.</summary>
    public const string PolicyRowRemoved = "policy-row-removed";
}
