namespace Exchange.Catalog;

/// <summary>How fresh records are; numbers as in the proto.</summary>
public enum StalenessState
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>Nothing has come yet.</summary>
    NothingYet = 1,

    /// <summary>The update cycle has no clock: only the time of the last change is told.</summary>
    NotClocked = 2,

    /// <summary>The last change is not longer ago than the update cycle.</summary>
    UpToDate = 3,

    /// <summary>A change is due.</summary>
    Overdue = 4,
}
