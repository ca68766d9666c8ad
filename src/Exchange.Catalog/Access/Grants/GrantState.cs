namespace Exchange.Catalog;

/// <summary>Where a grant stands; numbers as in the proto.</summary>
public enum GrantState
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>The reader has not accepted the agreement.</summary>
    Offered = 1,

    /// <summary>Accepted, its start lies ahead.</summary>
    Pending = 2,

    /// <summary>In force.</summary>
    Active = 3,

    /// <summary>At its end.</summary>
    Expired = 4,

    /// <summary>Ended by its owner, or with the resource.</summary>
    Revoked = 5,

    /// <summary>The reader does without.</summary>
    Declined = 6,
}
