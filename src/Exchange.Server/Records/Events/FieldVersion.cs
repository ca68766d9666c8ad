using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Events;

/// <summary>A field's value at some point of a record's life; missing: it had none.</summary>
internal readonly record struct FieldVersion(int Number, FieldValue Value);
