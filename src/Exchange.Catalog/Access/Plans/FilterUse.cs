namespace Exchange.Catalog.Access;

/// <summary>What a filter is for, which decides what it may ask.</summary>
public enum FilterUse
{
    /// <summary>A pull: text search too.</summary>
    Pull,

    /// <summary>A feed: no text search, no fields of levels 3 and 4, whose values before a change events carry sealed.</summary>
    Follow,
}
