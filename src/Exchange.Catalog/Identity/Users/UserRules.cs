using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which persons may act for a department.</summary>
public static class UserRules
{
    /// <summary>How long an enrolment code is good.</summary>
    public static readonly TimeSpan EnrolmentLifetime = TimeSpan.FromHours(24);

    /// <summary>Creates a user with an enrolment code, which is given as its hash; its id is unique in the hub.</summary>
    public static Result<GovernanceDecision<User>> Create(GovernanceState state, User user, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(user);
        if (!state.Departments.ContainsKey(user.Department.Value))
        {
            return new Refusal(RefusalReason.DepartmentNotFound, $"there is no department `{user.Department}`: register it first")
            {
                Metadata = new Dictionary<string, string> { ["department"] = user.Department.Value },
            };
        }

        var violations = Check(user);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        if (state.Users.ContainsKey(user.Id.Value))
        {
            return new Refusal(RefusalReason.UserExists, $"user `{user.Id}` exists already: choose another id")
            {
                Metadata = new Dictionary<string, string> { ["user"] = user.Id.Value },
            };
        }

        var created = new User
        {
            Id = user.Id,
            Department = user.Department,
            DisplayName = user.DisplayName,
            Role = user.Role,
            EnrolmentCodeHash = Given(user.EnrolmentCodeHash),
            EnrolmentExpireTime = now + EnrolmentLifetime,
            CreateTime = now,
        };
        return new GovernanceDecision<User>(created, new GovernanceEvent.UserCreated(created));
    }

    /// <summary>True while this code, given as its hash, lets the user enrol. Compare hashes only: codes are secrets.</summary>
    public static bool MayEnrol(User user, string codeHash, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user is { IsDisabled: false, EnrolTime: null } && user.EnrolmentCodeHash == Given(codeHash) && now < user.EnrolmentExpireTime;
    }

    /// <summary>Enrols a user who has its code, with a password and a TOTP secret. Why not, is not told: a stranger may be asking.</summary>
    public static Result<GovernanceDecision<User>> Enrol(
        GovernanceState state, UserId id, string codeHash, string passwordHash, string sealedTotpSecret, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Users.TryGetValue(id.Value, out var user) || !MayEnrol(user, codeHash, now))
        {
            return new Refusal(RefusalReason.EnrolmentRefused, "the enrolment code is not good: ask the hub's operator for a new one");
        }

        var enrolled = new GovernanceEvent.UserEnrolled(id, Given(passwordHash), Given(sealedTotpSecret), now);
        return new GovernanceDecision<User>(user.Enrolled(enrolled), enrolled);
    }

    /// <summary>Gives a user of this department a new enrolment code: its password and TOTP secret are thrown away, its sessions end.</summary>
    public static Result<GovernanceDecision<User>> ResetEnrolment(GovernanceState state, DepartmentId department, UserId id, string codeHash, DateTimeOffset now)
    {
        var found = Find(state, department, id);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        if (found.Value.IsDisabled)
        {
            return new Refusal(RefusalReason.UserDisabled, $"user `{id}` is disabled for good: create another")
            {
                Metadata = new Dictionary<string, string> { ["user"] = id.Value },
            };
        }

        var reset = new GovernanceEvent.UserEnrolmentReset(id, Given(codeHash), now + EnrolmentLifetime, now);
        return new GovernanceDecision<User>(found.Value.Reset(reset), reset);
    }

    /// <summary>
    /// While no operator is enrolled: creates this user, an operator, or gives it a new enrolment code. Else, and when its id is another role's or disabled,
    /// nothing happens, and there is the given user without an event.
    /// </summary>
    public static Result<GovernanceDecision<User>> CreateFirst(GovernanceState state, User user, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(user);
        return state.Users.Values.Any(other => other is { Role: Role.Operator, MaySignIn: true }) ? new GovernanceDecision<User>(user, null)
            : !state.Users.TryGetValue(user.Id.Value, out var made) ? Create(state, user, now)
            : made is { IsDisabled: true } or { Role: not Role.Operator } ? new GovernanceDecision<User>(user, null)
            : ResetEnrolment(state, made.Department, made.Id, user.EnrolmentCodeHash, now);
    }

    /// <summary>Disables a user of this department for good. A disabled one stays as it is.</summary>
    public static Result<GovernanceDecision<User>> Disable(GovernanceState state, DepartmentId department, UserId id, DateTimeOffset now)
    {
        var found = Find(state, department, id);
        return found.IsRefused ? found.Refusal
            : found.Value.IsDisabled ? new GovernanceDecision<User>(found.Value, null)
            : new GovernanceDecision<User>(found.Value with { DisableTime = now }, new GovernanceEvent.UserDisabled(id, now));
    }

    /// <summary>The user of this department, or USER_NOT_FOUND.</summary>
    public static Result<User> Find(GovernanceState state, DepartmentId department, UserId id)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Users.TryGetValue(id.Value, out var user) && user.Department == department
            ? user
            : new Refusal(RefusalReason.UserNotFound, $"department `{department}` has no user `{id}`")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.ToString(), ["user"] = id.ToString() },
            };
    }

    /// <summary>The user after its enrolment.</summary>
    internal static User Enrolled(this User user, GovernanceEvent.UserEnrolled e) =>
        user with { EnrolmentCodeHash = "", PasswordHash = e.PasswordHash, SealedTotpSecret = e.SealedTotpSecret, EnrolTime = e.Time };

    /// <summary>The user with a new code.</summary>
    internal static User Reset(this User user, GovernanceEvent.UserEnrolmentReset e) => user with
    {
        Enrolment = user.Enrolment + 1,
        EnrolmentCodeHash = e.EnrolmentCodeHash,
        EnrolmentExpireTime = e.EnrolmentExpireTime,
        PasswordHash = "",
        SealedTotpSecret = "",
        EnrolTime = null,
    };

    private static List<FieldViolation> Check(User user)
    {
        List<FieldViolation> violations = [];
        if (!UserId.IsValid(user.Id.Value))
        {
            violations.Add(new("user_id", "INVALID_ID", "must be 2 to 60 of `a-z 0-9 -`, starting with a letter"));
        }

        if (!Syntax.IsLabel(user.DisplayName, 0, 200))
        {
            violations.Add(new("user.display_name", "INVALID_TEXT", "must be at most 200 characters without control characters"));
        }

        // DESIGN section 8: one role each, and none that is a machine's.
        if (user.Role is not (Role.Steward or Role.Auditor or Role.Operator))
        {
            violations.Add(new("user.role", "INVALID_ROLE", "give STEWARD, AUDITOR or OPERATOR: machines are clients"));
        }

        return violations;
    }

    // What the caller makes itself, not what a request holds.
    private static string Given(string text) => text is { Length: > 0 } ? text : throw new ArgumentException("a hash or a sealed secret is missing", nameof(text));
}
