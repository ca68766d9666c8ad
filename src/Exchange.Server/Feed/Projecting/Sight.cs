namespace Exchange.Server.Feed;

/// <summary>What a look at an event tells of what its reader sees.</summary>
internal enum Sight
{
    /// <summary>Nothing of it.</summary>
    Hidden,

    /// <summary>Something, and the event tells all of it.</summary>
    Told,

    /// <summary>Something, and the event tells all of it once its sealed values are opened.</summary>
    Sealed,

    /// <summary>That the record's history must be folded to tell.</summary>
    Untold,
}
