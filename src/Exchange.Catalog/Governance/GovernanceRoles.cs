namespace Exchange.Catalog.Governance;

/// <summary>Who may write governance. Authorise before looking whether a thing exists.</summary>
public static class GovernanceRoles
{
    /// <summary>Departments, categories, code lists and clients: the operator. Null when the caller may.</summary>
    public static Refusal? RequireOperator(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role is Role.Operator
            ? null
            : new Refusal(RefusalReason.RoleRequired, "this needs the operator's role: ask whoever runs the hub")
            {
                Metadata = new Dictionary<string, string> { ["role"] = "OPERATOR" },
            };
    }

    /// <summary>Resources and grants: the department's steward, or the operator. Null when the caller may.</summary>
    public static Refusal? RequireKeeper(Caller caller, DepartmentId department)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role is Role.Operator ? null : RequireSteward(caller, department);
    }

    /// <summary>What concerns one department, for reading: that department, the operator and the auditor. Null when the caller may.</summary>
    public static Refusal? RequireMember(Caller caller, DepartmentId department)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role is Role.Operator or Role.Auditor || caller.Department == department ? null : NotOwnDepartment(caller, department);
    }

    /// <summary>Sharing lists: the department's own steward and nobody else. Null when the caller may.</summary>
    public static Refusal? RequireSteward(Caller caller, DepartmentId department)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller switch
        {
            { Role: not Role.Steward } => new Refusal(RefusalReason.RoleRequired, $"this needs the role of a steward of `{department}`")
            {
                Metadata = new Dictionary<string, string> { ["role"] = "STEWARD", ["department"] = department.ToString() },
            },
            _ when caller.Department != department => NotOwnDepartment(caller, department),
            _ => null,
        };
    }

    /// <summary>
    /// Changes that wait: the department's own stewards, and operators, who decide only what is for all departments: see <see cref="FourEyes.Review"/>. Null when the
    /// caller may.
    /// </summary>
    public static Refusal? RequireReviewer(Caller caller, DepartmentId department) => RequireKeeper(caller, department);

    /// <summary>Policy rows: the steward of the department that answers for the row, or the operator, who alone sets rows for all. Null when the caller may.</summary>
    public static Refusal? RequirePolicyAuthor(Caller caller, DepartmentId? department)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return (caller.Role, department) switch
        {
            (Role.Operator, _) => null,
            (_, { } own) => RequireSteward(caller, own),
            (Role.Steward, null) => new Refusal(
                RefusalReason.RoleRequired, $"a policy row without a department is the operator's: give it `departments/{caller.Department}`, or ask whoever runs the hub")
            {
                Metadata = new Dictionary<string, string> { ["role"] = "OPERATOR", ["department"] = caller.Department.ToString() },
            },
            _ => RequireOperator(caller),
        };
    }

    private static Refusal NotOwnDepartment(Caller caller, DepartmentId department) =>
        new(RefusalReason.NotOwnDepartment, $"`{caller.Department}` may not do this for `{department}`: ask that department's steward")
        {
            Metadata = new Dictionary<string, string> { ["department"] = department.ToString() },
        };
}
