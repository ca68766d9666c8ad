namespace Exchange.Catalog;

/// <summary>Steps of an access request; numbers as stored.</summary>
public enum AccessRequestStep
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>Its draft was written.</summary>
    Saved = 1,

    /// <summary>It was submitted.</summary>
    Submitted = 2,

    /// <summary>The sharing authority found it in conformity.</summary>
    Checked = 3,

    /// <summary>It, or a part, was rejected.</summary>
    Rejected = 4,

    /// <summary>An owner asked something.</summary>
    SupplementAsked = 5,

    /// <summary>The requester answered.</summary>
    Supplemented = 6,

    /// <summary>An owner approved its part, or some of it.</summary>
    Approved = 7,

    /// <summary>An owner handed its part over.</summary>
    HandedOver = 8,

    /// <summary>The requester took it back.</summary>
    Withdrawn = 9,

    /// <summary>A limit is near.</summary>
    Due = 10,

    /// <summary>A limit has passed.</summary>
    Overdue = 11,
}
