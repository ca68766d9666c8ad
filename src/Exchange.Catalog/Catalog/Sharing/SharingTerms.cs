namespace Exchange.Catalog;

/// <summary>How a field is shared and opened in words: conditions and their basis. The same of a resource's default and of an entry on a sharing list.</summary>
public sealed record SharingTerms
{
    /// <summary>Nothing said.</summary>
    public static SharingTerms None { get; } = new();

    /// <summary>Condition of sharing (共享条件), for CONDITIONAL; at most 2 000 characters.</summary>
    public string Condition { get; init; } = "";

    /// <summary>Basis of the sharing class; required for NOT_SHARED.</summary>
    public Basis Basis { get; init; }

    /// <summary>Condition of opening (开放条件), for CONDITIONAL; at most 2 000 characters.</summary>
    public string OpenCondition { get; init; } = "";

    /// <summary>Basis of the open class; required for NOT_OPEN.</summary>
    public Basis OpenBasis { get; init; }
}
