namespace Exchange.Catalog;

/// <summary>Why a caller reads (使用场景); numbers as in the proto.</summary>
public enum Purpose
{
    /// <summary>Not given: every read is refused.</summary>
    Unspecified = 0,

    /// <summary>政务服务.</summary>
    GovService = 1,

    /// <summary>公共服务.</summary>
    PublicService = 2,

    /// <summary>监管.</summary>
    Regulation = 3,

    /// <summary>应急.</summary>
    Emergency = 4,

    /// <summary>决策分析.</summary>
    Analysis = 5,

    /// <summary>研究.</summary>
    Research = 6,

    /// <summary>Other.</summary>
    Other = 9,
}
