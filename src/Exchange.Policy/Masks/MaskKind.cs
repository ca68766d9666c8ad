namespace Exchange.Policy.Masks;

/// <summary>Kinds of mask (脱敏). Numbers are those of the public contract.</summary>
public enum MaskKind
{
    /// <summary>Not given: the next default applies.</summary>
    Unspecified = 0,

    /// <summary>The value as it is.</summary>
    None = 1,

    /// <summary>Letters, digits and CJK characters replaced by ＊.</summary>
    Redact = 2,

    /// <summary>The first characters, then ＊.</summary>
    ShowFirstN = 3,

    /// <summary>＊, then the last characters.</summary>
    ShowLastN = 4,

    /// <summary>Keyed hash of the value, as text.</summary>
    HashKeyed = 5,

    /// <summary>No value.</summary>
    Null = 6,

    /// <summary>1 January of the year.</summary>
    YearOnly = 7,

    /// <summary>The upper levels of a region path.</summary>
    GeneralizeRegion = 8,

    /// <summary>Lower bound of the bucket.</summary>
    BucketNumber = 9,

    /// <summary>Centre of the grid cell.</summary>
    TruncateGeo = 10,

    /// <summary>Reversible token; refused while the hub has no token vault.</summary>
    Tokenize = 11,
}
