namespace Exchange.Catalog;

/// <summary>Data level (数据级别); numbers as in the proto.</summary>
public enum Level
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>1, public.</summary>
    Public = 1,

    /// <summary>2, internal.</summary>
    Internal = 2,

    /// <summary>3, sensitive: sealed in the log.</summary>
    Sensitive = 3,

    /// <summary>4, highly sensitive: sealed in the log.</summary>
    HighlySensitive = 4,
}
