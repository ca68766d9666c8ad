namespace Exchange.Catalog;

/// <summary>Way of sharing through the hub; numbers as in the proto.</summary>
public enum PlatformMode
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>接口: pull and get.</summary>
    Api = 1,

    /// <summary>库表.</summary>
    Table = 2,

    /// <summary>文件.</summary>
    File = 3,

    /// <summary>订阅流: follow.</summary>
    Feed = 4,
}
