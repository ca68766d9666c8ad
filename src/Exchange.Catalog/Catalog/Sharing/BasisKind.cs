namespace Exchange.Catalog;

/// <summary>Kinds of basis (依据); numbers as in the proto.</summary>
public enum BasisKind
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>法律法规.</summary>
    Law = 1,

    /// <summary>政策文件.</summary>
    Policy = 2,

    /// <summary>涉及敏感信息.</summary>
    Sensitive = 3,

    /// <summary>其他.</summary>
    Other = 4,
}
