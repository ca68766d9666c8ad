namespace Exchange.Catalog;

/// <summary>One row of a sheet as it was read.</summary>
/// <param name="Line">Line of the file, from 1.</param>
/// <param name="Resource">Which resource.</param>
/// <param name="Field">Name of the field.</param>
/// <param name="Entry">How it shall be shared.</param>
public sealed record SheetRow(int Line, ResourceId Resource, string Field, SharingEntry Entry);
