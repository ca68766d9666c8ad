namespace Exchange.Catalog.Records;

/// <summary>Newest version of a record that a source system sent.</summary>
public readonly record struct SourceVersion(string System, long Version);
