namespace Exchange.Catalog;

/// <summary>One bad part of a request.</summary>
/// <param name="Field">Path into the request in proto terms, e.g. `resource.fields[3].max_length`; empty for the whole.</param>
/// <param name="Reason">Stable UPPER_SNAKE reason.</param>
/// <param name="Message">For people: the bound and the fix, never a value of a record.</param>
public sealed record FieldViolation(string Field, string Reason, string Message);
