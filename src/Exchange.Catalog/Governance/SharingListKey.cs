namespace Exchange.Catalog.Governance;

/// <summary>Which sharing list: whose, for which resource.</summary>
public readonly record struct SharingListKey(DepartmentId Department, ResourceId Resource);
