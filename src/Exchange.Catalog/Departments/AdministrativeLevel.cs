namespace Exchange.Catalog;

/// <summary>Administrative levels of departments; numbers as in the proto.</summary>
public enum AdministrativeLevel
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>Nation.</summary>
    Nation = 1,

    /// <summary>Province 省.</summary>
    Province = 2,

    /// <summary>City 市.</summary>
    City = 3,

    /// <summary>District 区县.</summary>
    District = 4,

    /// <summary>Street 街道/乡镇.</summary>
    Street = 5,

    /// <summary>Community 村/社区.</summary>
    Community = 6,

    /// <summary>Grid 网格.</summary>
    Grid = 7,
}
