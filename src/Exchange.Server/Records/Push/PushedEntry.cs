using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Push;

/// <summary>A pushed record without its values.</summary>
internal record struct PushedEntry
{
    /// <summary>What names it; null when nothing does, or what does is no reference.</summary>
    public RecordReference? Reference { get; set; }

    /// <summary>The caller's own number, which opens the record when there is none; null for the other references.</summary>
    public string? OpenAs { get; set; }

    /// <summary>Version in the source system; 0 means none.</summary>
    public long SourceVersion { get; set; }

    /// <summary>Quality warnings of the row; null for none.</summary>
    public List<string>? Warnings { get; set; }

    /// <summary>Where its values begin among the batch's.</summary>
    public int FirstValue { get; set; }

    /// <summary>How many values were sent.</summary>
    public int ValueCount { get; set; }
}
