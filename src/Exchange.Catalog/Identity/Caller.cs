namespace Exchange.Catalog;

/// <summary>
/// Who makes a request: the authenticated department, the client that acts for it, and what that client may do. For a user the client is
/// `users/{user}`, see <see cref="UserId.Client"/>.
/// </summary>
public sealed record Caller(DepartmentId Department, ClientId Client, Role Role)
{
    /// <summary>The address it calls from; null when not known. A policy row that asks for it then fails, which denies.</summary>
    public string? Network { get; init; }
}
