namespace Exchange.Catalog.Policies;

/// <summary>Kinds of findings; numbers as in the proto.</summary>
public enum PolicyFindingKind
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>No department, field and purpose of today makes the row match, or no record can.</summary>
    NeverMatches = 1,

    /// <summary>What the row permits, other rows forbid, or permit without it.</summary>
    ShadowedPermit = 2,

    /// <summary>Departments or categories stand above themselves.</summary>
    RoleCycle = 3,

    /// <summary>Everybody may read a field of level 3 or 4 without a mask.</summary>
    PermitToEveryone = 4,

    /// <summary>The row's condition fails where it is asked, or its row filter cannot be read any more: that denies.</summary>
    Fails = 5,

    /// <summary>The row names an attribute that no department has any more.</summary>
    UnknownAttribute = 6,

    /// <summary>The row is about an action that no operation asks for yet.</summary>
    NotAsked = 7,
}
