namespace Exchange.Policy.Conditions;

/// <summary>Attributes every record has besides its fields. Their numbers are negative.</summary>
public static class SystemAttributes
{
    /// <summary>Id of the department that opened the record.</summary>
    public static AttributeRef Opener { get; } = new("opener_department", -1, FieldType.Text);

    /// <summary>Source system of the opener.</summary>
    public static AttributeRef SourceSystem { get; } = new("source_system", -2, FieldType.Text);

    /// <summary>The record's id in the opener's source system.</summary>
    public static AttributeRef SourceId { get; } = new("source_id", -3, FieldType.Text);

    /// <summary>When the record was opened.</summary>
    public static AttributeRef CreateTime { get; } = new("create_time", -4, FieldType.Timestamp);

    /// <summary>When the record last changed.</summary>
    public static AttributeRef UpdateTime { get; } = new("update_time", -5, FieldType.Timestamp);

    /// <summary>All of them, in the order of their numbers -1, -2, …</summary>
    public static IReadOnlyList<AttributeRef> All { get; } = [Opener, SourceSystem, SourceId, CreateTime, UpdateTime];
}
