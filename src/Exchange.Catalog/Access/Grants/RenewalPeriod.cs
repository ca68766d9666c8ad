namespace Exchange.Catalog;

/// <summary>For how long a grant is renewed at a time; numbers as in the proto.</summary>
public enum RenewalPeriod
{
    /// <summary>It is not renewed.</summary>
    Unspecified = 0,

    /// <summary>To the end of the next month.</summary>
    Month = 1,

    /// <summary>To the end of the next quarter.</summary>
    Quarter = 2,
}
