namespace Exchange.Catalog.Access;

/// <summary>What a caller wants to do with records.</summary>
public enum PlanAction
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>Read records in bulk.</summary>
    Pull = 1,

    /// <summary>Follow the change feed.</summary>
    Follow = 2,

    /// <summary>Read one record.</summary>
    Get = 3,

    /// <summary>Read who wrote what in one record.</summary>
    History = 4,

    /// <summary>Match a subject with records.</summary>
    Match = 5,

    /// <summary>Export records.</summary>
    Export = 6,

    /// <summary>Push fields of its own.</summary>
    Write = 7,

    /// <summary>Push values of fields of others, as proposals.</summary>
    Propose = 8,
}
