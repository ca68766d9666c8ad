namespace Exchange.Catalog;

/// <summary>A field that needs no request.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="Reason">`UNCONDITIONAL` or `OWN`.</param>
public sealed record UnneededField(string Field, DepartmentId Owner, string Reason);
