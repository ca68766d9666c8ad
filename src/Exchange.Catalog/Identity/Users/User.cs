namespace Exchange.Catalog;

/// <summary>
/// A person who acts for a department, with one role for good: who needs another role is another user. After an operator created it, or gave it a new
/// enrolment code, it enrols once: with the code it sets its password and its second factor (TOTP).
/// </summary>
public sealed record User
{
    /// <summary>Its id, unique in the hub.</summary>
    public required UserId Id { get; init; }

    /// <summary>Department it acts for.</summary>
    public required DepartmentId Department { get; init; }

    /// <summary>Who it is, at most 200 characters.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>What it may do: <see cref="Role.Steward"/>, <see cref="Role.Auditor"/> or <see cref="Role.Operator"/>.</summary>
    public required Role Role { get; init; }

    /// <summary>How many enrolment codes it was given, the first at its creation. Sessions are of one enrolment and end with it.</summary>
    public int Enrolment { get; init; } = 1;

    /// <summary>SHA-256 of its enrolment code in base64url; empty once it is enrolled.</summary>
    public string EnrolmentCodeHash { get; init; } = "";

    /// <summary>Until when its enrolment code is good.</summary>
    public DateTimeOffset EnrolmentExpireTime { get; init; }

    /// <summary>Its password's hash with its parameters, as ASP.NET Core's hasher writes it; empty until it is enrolled.</summary>
    public string PasswordHash { get; init; } = "";

    /// <summary>Its TOTP secret, encrypted under a key derived from the hub's, in base64url; empty until it is enrolled.</summary>
    public string SealedTotpSecret { get; init; } = "";

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>When it enrolled; null while it has not.</summary>
    public DateTimeOffset? EnrolTime { get; init; }

    /// <summary>When it was disabled; null while it may act.</summary>
    public DateTimeOffset? DisableTime { get; init; }

    /// <summary>True once it may no longer act.</summary>
    public bool IsDisabled => DisableTime is not null;

    /// <summary>True while it may sign in.</summary>
    public bool MaySignIn => EnrolTime is not null && !IsDisabled;

    /// <summary>What it is called by when it makes a request.</summary>
    public Caller Caller => new(Department, Id.Client, Role);
}
