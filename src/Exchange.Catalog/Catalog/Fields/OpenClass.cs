namespace Exchange.Catalog;

/// <summary>Opening to the public (开放类型); numbers as in the proto.</summary>
public enum OpenClass
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>无条件开放.</summary>
    Unconditional = 1,

    /// <summary>有条件开放.</summary>
    Conditional = 2,

    /// <summary>不予开放.</summary>
    NotOpen = 3,
}
