namespace Exchange.Catalog.Records;

/// <summary>What became of a pushed record; numbers as in the proto.</summary>
public enum RecordOutcome
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>Stored.</summary>
    Accepted = 1,

    /// <summary>Nothing differed; no event.</summary>
    Unchanged = 2,

    /// <summary>Nothing but proposals stored.</summary>
    Proposed = 3,

    /// <summary>Not stored.</summary>
    Rejected = 4,
}
