namespace Exchange.Catalog;

/// <summary>Columns of a sharing list as a sheet (共享清单), in the order they are written.</summary>
public enum SheetColumn
{
    /// <summary>信息资源代码: finds the resource where its id is not given.</summary>
    ResourceCode,

    /// <summary>信息资源标识.</summary>
    Resource,

    /// <summary>信息资源名称: for people, not read.</summary>
    ResourceName,

    /// <summary>信息项标识.</summary>
    Field,

    /// <summary>信息项名称: for people, not read.</summary>
    FieldName,

    /// <summary>数据类型: for people, not read.</summary>
    Type,

    /// <summary>数据级别.</summary>
    Level,

    /// <summary>共享类型.</summary>
    SharingClass,

    /// <summary>共享条件.</summary>
    Condition,

    /// <summary>共享依据类型.</summary>
    BasisKind,

    /// <summary>共享依据.</summary>
    Basis,

    /// <summary>共享方式.</summary>
    SharingMode,

    /// <summary>开放类型.</summary>
    OpenClass,

    /// <summary>开放条件.</summary>
    OpenCondition,

    /// <summary>开放依据类型.</summary>
    OpenBasisKind,

    /// <summary>开放依据.</summary>
    OpenBasis,

    /// <summary>更新周期.</summary>
    UpdateCycle,

    /// <summary>脱敏: a kind with its parameter, such as `SHOW_LAST_N 4`.</summary>
    Mask,
}
