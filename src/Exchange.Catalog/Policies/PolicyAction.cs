namespace Exchange.Catalog;

/// <summary>What a policy row permits or forbids; numbers as in the proto.</summary>
public enum PolicyAction
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>Read records and their history.</summary>
    Read = 1,

    /// <summary>Write fields.</summary>
    Write = 2,

    /// <summary>Propose values for fields of others.</summary>
    Propose = 3,

    /// <summary>Follow the change feed.</summary>
    Follow = 4,

    /// <summary>Match a subject with records.</summary>
    Match = 5,

    /// <summary>Export.</summary>
    Export = 6,

    /// <summary>Administer.</summary>
    Administer = 7,
}
