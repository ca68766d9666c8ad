namespace Exchange.Catalog;

/// <summary>What a client may do; numbers as in the proto.</summary>
public enum Role
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>A department's machine: push, pull, follow.</summary>
    DepartmentSystem = 1,

    /// <summary>Keeps one department's catalog, sharing list and grants.</summary>
    Steward = 2,

    /// <summary>Reads the audit trail, changes nothing.</summary>
    Auditor = 3,

    /// <summary>Runs the hub, reads no records.</summary>
    Operator = 4,
}
