namespace Exchange.Catalog;

/// <summary>How often data is updated (更新周期); numbers as in the proto.</summary>
public enum UpdateCycle
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>实时.</summary>
    Realtime = 1,

    /// <summary>每日.</summary>
    Daily = 2,

    /// <summary>每周.</summary>
    Weekly = 3,

    /// <summary>每月.</summary>
    Monthly = 4,

    /// <summary>每季度.</summary>
    Quarterly = 5,

    /// <summary>每半年.</summary>
    HalfYearly = 6,

    /// <summary>每年.</summary>
    Yearly = 7,

    /// <summary>不定期.</summary>
    Irregular = 8,

    /// <summary>不更新.</summary>
    Static = 9,

    /// <summary>每旬.</summary>
    TenDays = 10,
}
