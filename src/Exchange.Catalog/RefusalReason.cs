namespace Exchange.Catalog;

/// <summary>A stable UPPER_SNAKE reason with its kind. A reason once released never changes its meaning.</summary>
public readonly record struct RefusalReason(string Code, RefusalKind Kind)
{
    /// <summary>The request is bad; the violations say where.</summary>
    public static RefusalReason BadRequest { get; } = new("BAD_REQUEST", RefusalKind.InvalidArgument);

    /// <summary>A read without a purpose.</summary>
    public static RefusalReason PurposeRequired { get; } = new("PURPOSE_REQUIRED", RefusalKind.InvalidArgument);

    /// <summary>No such department.</summary>
    public static RefusalReason DepartmentNotFound { get; } = new("DEPARTMENT_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such resource.</summary>
    public static RefusalReason ResourceNotFound { get; } = new("RESOURCE_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>The resource was revoked: nobody pushes or reads it.</summary>
    public static RefusalReason ResourceRevoked { get; } = new("RESOURCE_REVOKED", RefusalKind.NotFound);

    /// <summary>No such draft of a resource, or none that the caller may see.</summary>
    public static RefusalReason DraftNotFound { get; } = new("DRAFT_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such code list.</summary>
    public static RefusalReason CodeListNotFound { get; } = new("CODE_LIST_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such grant.</summary>
    public static RefusalReason GrantNotFound { get; } = new("GRANT_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such agreement, or not in that version.</summary>
    public static RefusalReason AgreementNotFound { get; } = new("AGREEMENT_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such access request, or none that the caller may see.</summary>
    public static RefusalReason AccessRequestNotFound { get; } = new("ACCESS_REQUEST_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such policy row.</summary>
    public static RefusalReason PolicyRowNotFound { get; } = new("POLICY_ROW_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such client.</summary>
    public static RefusalReason ClientNotFound { get; } = new("CLIENT_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such user.</summary>
    public static RefusalReason UserNotFound { get; } = new("USER_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>No such record, or none that the caller may see.</summary>
    public static RefusalReason RecordNotFound { get; } = new("RECORD_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>A department of this id is registered.</summary>
    public static RefusalReason DepartmentExists { get; } = new("DEPARTMENT_EXISTS", RefusalKind.AlreadyExists);

    /// <summary>The resource's id is taken; by what is not told.</summary>
    public static RefusalReason ResourceTaken { get; } = new("RESOURCE_TAKEN", RefusalKind.AlreadyExists);

    /// <summary>The access request's id is taken; by what is not told.</summary>
    public static RefusalReason AccessRequestTaken { get; } = new("ACCESS_REQUEST_TAKEN", RefusalKind.AlreadyExists);

    /// <summary>The source system belongs to another department.</summary>
    public static RefusalReason SourceSystemTaken { get; } = new("SOURCE_SYSTEM_TAKEN", RefusalKind.AlreadyExists);

    /// <summary>The policy row of this id was set by another department, or by the operator.</summary>
    public static RefusalReason PolicyRowTaken { get; } = new("POLICY_ROW_TAKEN", RefusalKind.AlreadyExists);

    /// <summary>A client of this id is registered, maybe by another department.</summary>
    public static RefusalReason ClientExists { get; } = new("CLIENT_EXISTS", RefusalKind.AlreadyExists);

    /// <summary>A user of this id exists, maybe of another department.</summary>
    public static RefusalReason UserExists { get; } = new("USER_EXISTS", RefusalKind.AlreadyExists);

    /// <summary>The caller's role does not allow it.</summary>
    public static RefusalReason RoleRequired { get; } = new("ROLE_REQUIRED", RefusalKind.PermissionDenied);

    /// <summary>Only the department itself may do this.</summary>
    public static RefusalReason NotOwnDepartment { get; } = new("NOT_OWN_DEPARTMENT", RefusalKind.PermissionDenied);

    /// <summary>A policy row forbids it to the caller.</summary>
    public static RefusalReason ForbiddenByPolicy { get; } = new("FORBIDDEN_BY_POLICY", RefusalKind.PermissionDenied);

    /// <summary>The source system is not one of the caller's.</summary>
    public static RefusalReason NotOwnSourceSystem { get; } = new("NOT_OWN_SOURCE_SYSTEM", RefusalKind.PermissionDenied);

    /// <summary>The thing's state does not allow this step; the message names the state and what leads on.</summary>
    public static RefusalReason WrongState { get; } = new("WRONG_STATE", RefusalKind.FailedPrecondition);

    /// <summary>Somebody else must do this: never the client or user that asked for it.</summary>
    public static RefusalReason FourEyes { get; } = new("FOUR_EYES", RefusalKind.PermissionDenied);

    /// <summary>The resource is only described in the catalog: its records are not in the hub.</summary>
    public static RefusalReason NotMounted { get; } = new("NOT_MOUNTED", RefusalKind.FailedPrecondition);

    /// <summary>A published definition may only grow; the violations say what would break.</summary>
    public static RefusalReason BreakingChange { get; } = new("BREAKING_CHANGE", RefusalKind.FailedPrecondition);

    /// <summary>The client may no longer act, so nothing of it changes.</summary>
    public static RefusalReason ClientIsDisabled { get; } = new("CLIENT_IS_DISABLED", RefusalKind.FailedPrecondition);

    /// <summary>A signing key that takes over later was added already.</summary>
    public static RefusalReason RotationUnderWay { get; } = new("ROTATION_UNDER_WAY", RefusalKind.FailedPrecondition);

    /// <summary>The user is disabled, which is for good.</summary>
    public static RefusalReason UserDisabled { get; } = new("USER_DISABLED", RefusalKind.FailedPrecondition);

    /// <summary>The user has no such enrolment code, or not any more.</summary>
    public static RefusalReason EnrolmentRefused { get; } = new("ENROLMENT_REFUSED", RefusalKind.FailedPrecondition);

    /// <summary>A published code is missing from the new version; retire it instead.</summary>
    public static RefusalReason CodeRemoved { get; } = new("CODE_REMOVED", RefusalKind.FailedPrecondition);

    /// <summary>The same idempotency key came with other content.</summary>
    public static RefusalReason IdempotencyKeyReused { get; } = new("IDEMPOTENCY_KEY_REUSED", RefusalKind.FailedPrecondition);

    /// <summary>The department has as many open drafts as it may.</summary>
    public static RefusalReason DraftLimit { get; } = new("DRAFT_LIMIT", RefusalKind.ResourceExhausted);

    /// <summary>The department has as many open access requests as it may.</summary>
    public static RefusalReason AccessRequestLimit { get; } = new("ACCESS_REQUEST_LIMIT", RefusalKind.ResourceExhausted);

    /// <summary>No such change, or it was reviewed.</summary>
    public static RefusalReason ChangeNotFound { get; } = new("CHANGE_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>Another change of the same thing waits for a second steward.</summary>
    public static RefusalReason ChangePending { get; } = new("CHANGE_PENDING", RefusalKind.FailedPrecondition);

    /// <summary>What a change is about is not what it was when it was asked for.</summary>
    public static RefusalReason ChangeOutdated { get; } = new("CHANGE_OUTDATED", RefusalKind.FailedPrecondition);

    /// <summary>As many changes wait for the department's second steward as may.</summary>
    public static RefusalReason PendingChangeLimit { get; } = new("PENDING_CHANGE_LIMIT", RefusalKind.ResourceExhausted);

    /// <summary>The department has as many agreements, or the agreement as many versions, as it may.</summary>
    public static RefusalReason AgreementLimit { get; } = new("AGREEMENT_LIMIT", RefusalKind.ResourceExhausted);

    /// <summary>The hub keeps no more policy rows.</summary>
    public static RefusalReason PolicyRowLimit { get; } = new("POLICY_ROW_LIMIT", RefusalKind.ResourceExhausted);

    /// <summary>The etag is not the current one.</summary>
    public static RefusalReason StaleEtag { get; } = new("STALE_ETAG", RefusalKind.Aborted);

    /// <summary>This node could not confirm the newest policies and does not decide until it can.</summary>
    public static RefusalReason GovernanceNotConfirmed { get; } = new("GOVERNANCE_NOT_CONFIRMED", RefusalKind.Unavailable);

    /// <inheritdoc/>
    public override string ToString() => Code;
}
