namespace Exchange.Catalog;

/// <summary>Way of sharing (共享方式); numbers as in the proto.</summary>
public enum SharingMode
{
    /// <summary>Not given: of a resource means <see cref="Platform"/>, of a sharing list's entry the resource's.</summary>
    Unspecified = 0,

    /// <summary>共享平台: through this hub.</summary>
    Platform = 1,

    /// <summary>邮件.</summary>
    Mail = 2,

    /// <summary>介质.</summary>
    Media = 3,

    /// <summary>其他.</summary>
    Other = 9,
}
