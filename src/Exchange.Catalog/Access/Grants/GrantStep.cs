namespace Exchange.Catalog;

/// <summary>Steps of a grant between its issue and its revocation; numbers as stored.</summary>
public enum GrantStep
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>The reader accepted.</summary>
    Accepted = 1,

    /// <summary>The reader does without.</summary>
    Declined = 2,

    /// <summary>Its start has come.</summary>
    Started = 3,

    /// <summary>Its renewal may be asked for.</summary>
    Renewable = 4,

    /// <summary>The reader asks for its renewal.</summary>
    RenewalRequested = 5,

    /// <summary>The owner renewed it.</summary>
    Renewed = 6,

    /// <summary>The owner does not renew it.</summary>
    RenewalRejected = 7,

    /// <summary>Its end has come.</summary>
    Expired = 8,
}
