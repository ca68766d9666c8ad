namespace Exchange.Catalog;

/// <summary>The sides of an agreement; numbers as in the proto.</summary>
public enum TermParty
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>Who gives.</summary>
    Owner = 1,

    /// <summary>Who reads.</summary>
    Reader = 2,
}
