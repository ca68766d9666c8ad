namespace Exchange.Catalog;

/// <summary>How near a limit is; numbers as in the proto.</summary>
public enum DueState
{
    /// <summary>No limit runs.</summary>
    Unspecified = 0,

    /// <summary>In time.</summary>
    InTime = 1,

    /// <summary>临期.</summary>
    Near = 2,

    /// <summary>超期.</summary>
    Overdue = 3,
}
