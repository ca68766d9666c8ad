namespace Exchange.Catalog.Records;

/// <summary>A value that somebody who is not the owner suggests; missing suggests a removal.</summary>
public readonly record struct ProposedValue(int FieldIndex, FieldValue Value);
