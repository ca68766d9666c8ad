namespace Exchange.Catalog.Records;

/// <summary>What a push says once about all its records.</summary>
/// <param name="Resource">The resource it writes to.</param>
/// <param name="SourceSystem">The caller's source system that it comes from.</param>
/// <param name="Fields">The names of the fields, in the order of each record's values.</param>
/// <param name="UnownedFields">What becomes of values for fields that the caller does not own.</param>
/// <param name="Purpose">Why; may be left out.</param>
public sealed record PushedHeader(ResourceId Resource, string SourceSystem, IReadOnlyList<string> Fields, UnownedFields UnownedFields, Purpose Purpose);
