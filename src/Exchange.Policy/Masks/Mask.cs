namespace Exchange.Policy.Masks;

/// <summary>
/// A mask with its parameter. SHOW_FIRST_N, SHOW_LAST_N: text elements shown; BUCKET_NUMBER: width; TRUNCATE_GEO: meters;
/// GENERALIZE_REGION: levels kept; 0 for the others. The default is not given.
/// </summary>
public readonly record struct Mask(MaskKind Kind, int Parameter = 0)
{
    /// <summary>The mask that shows the value as it is.</summary>
    public static Mask None => new(MaskKind.None);

    /// <summary>The mask that shows nothing.</summary>
    public static Mask Null => new(MaskKind.Null);

    /// <summary>True when not given, so that the next default applies.</summary>
    public bool IsUnspecified => Kind is MaskKind.Unspecified;

    /// <summary>True when the value is not shown as it is.</summary>
    public bool Hides => Kind is not (MaskKind.None or MaskKind.Unspecified);

    /// <summary>This mask, or the other one where this one is not given.</summary>
    public Mask Or(Mask other) => IsUnspecified ? other : this;
}
