namespace Exchange.Catalog;

/// <summary>Who makes a request: the authenticated department, the client that acts for it, and what that client may do.</summary>
public sealed record Caller(DepartmentId Department, ClientId Client, Role Role)
{
    /// <summary>The address it calls from; null when not known. A policy row that asks for it then fails, which denies.</summary>
    public string? Network { get; init; }
}
