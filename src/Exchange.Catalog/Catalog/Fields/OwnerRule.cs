namespace Exchange.Catalog;

/// <summary>Who owns a field of a record: exactly one of the three.</summary>
public abstract record OwnerRule
{
    private OwnerRule()
    {
    }

    /// <summary>A fixed department, whoever opened the record.</summary>
    public sealed record Department(DepartmentId Id) : OwnerRule;

    /// <summary>The department that opened the record.</summary>
    public sealed record Opener : OwnerRule;

    /// <summary>The department whose id stands in this CODE or TEXT field of the same record; nobody while that is empty.</summary>
    public sealed record DepartmentField(string FieldName) : OwnerRule;
}
