namespace Exchange.Catalog.Records;

/// <summary>How a pushed record says which record it is.</summary>
public readonly record struct RecordReference
{
    /// <summary>Longest source id, in characters.</summary>
    public const int LongestSourceId = 200;

    private RecordReference(string? sourceSystem, string? sourceId, RecordId? id) => (SourceSystem, SourceId, Id) = (sourceSystem, sourceId, id);

    /// <summary>The opener's system; null for the caller's own number and for a hub id.</summary>
    public string? SourceSystem { get; }

    /// <summary>Number in the source system; null for a hub id.</summary>
    public string? SourceId { get; }

    /// <summary>The hub's id.</summary>
    public RecordId? Id { get; }

    /// <summary>The caller's own number in the push's source system: the one reference that opens records.</summary>
    public static RecordReference Own(string sourceId) => new(null, sourceId, null);

    /// <summary>The hub's id.</summary>
    public static RecordReference ById(RecordId id) => new(null, null, id);

    /// <summary>The opener's system and number.</summary>
    public static RecordReference OpenedAs(string sourceSystem, string sourceId) => new(sourceSystem, sourceId, null);
}
