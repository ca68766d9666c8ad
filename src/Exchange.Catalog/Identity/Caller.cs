namespace Exchange.Catalog;

/// <summary>Who makes a request: the authenticated department, the client that acts for it, and what that client may do.</summary>
public sealed record Caller(DepartmentId Department, ClientId Client, Role Role);
