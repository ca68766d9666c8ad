namespace Exchange.Catalog;

/// <summary>Kinds of terms; numbers as in the proto.</summary>
public enum TermKind
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>权利.</summary>
    Right = 1,

    /// <summary>责任.</summary>
    Responsibility = 2,

    /// <summary>义务.</summary>
    Obligation = 3,
}
