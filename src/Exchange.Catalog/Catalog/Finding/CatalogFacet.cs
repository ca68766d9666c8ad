namespace Exchange.Catalog;

/// <summary>What catalog entries are told apart by in the one window; numbers as in the proto.</summary>
public enum CatalogFacet
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>The department that keeps the entry, by id.</summary>
    Owner = 1,

    /// <summary>Its category and those above, by code.</summary>
    Category = 2,

    /// <summary>Levels of its fields, by number.</summary>
    Level = 3,

    /// <summary>Sharing classes of its fields, by number.</summary>
    SharingClass = 4,

    /// <summary>Open classes of its fields, by number.</summary>
    OpenClass = 5,

    /// <summary>Its update cycle, by number.</summary>
    UpdateCycle = 6,
}
