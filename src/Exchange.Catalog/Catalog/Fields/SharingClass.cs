namespace Exchange.Catalog;

/// <summary>Sharing inside government (共享类型); numbers as in the proto.</summary>
public enum SharingClass
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>无条件共享: every department reads.</summary>
    Unconditional = 1,

    /// <summary>有条件共享: needs a grant.</summary>
    Conditional = 2,

    /// <summary>不予共享.</summary>
    NotShared = 3,
}
