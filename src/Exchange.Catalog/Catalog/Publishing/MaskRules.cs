namespace Exchange.Catalog;

/// <summary>Which masks fit which types of field, and the bounds of their parameters.</summary>
public static class MaskRules
{
    /// <summary>Why the mask cannot stand on a field of this type; null when it can, or when none is given.</summary>
    public static string? Complaint(Mask mask, FieldType type) => mask.Kind switch
    {
        MaskKind.Unspecified or MaskKind.None or MaskKind.Null => Parameter(mask, 0, 0),
        MaskKind.Redact => Fits(type is FieldType.Text or FieldType.TextList, "TEXT and TEXT_LIST") ?? Parameter(mask, 0, 0),
        MaskKind.ShowFirstN or MaskKind.ShowLastN => Fits(type is FieldType.Text or FieldType.Code, "TEXT and CODE") ?? Parameter(mask, 1, 100),
        MaskKind.HashKeyed => Fits(type is FieldType.Text or FieldType.Code, "TEXT and CODE") ?? Parameter(mask, 0, 0),
        MaskKind.YearOnly => Fits(type is FieldType.Date or FieldType.Timestamp, "DATE and TIMESTAMP") ?? Parameter(mask, 0, 0),
        MaskKind.GeneralizeRegion => Fits(type is FieldType.Text or FieldType.Code, "TEXT and CODE") ?? Parameter(mask, 1, 10),
        MaskKind.BucketNumber => Fits(type is FieldType.Integer or FieldType.Decimal, "INTEGER and DECIMAL") ?? Parameter(mask, 1, 1_000_000_000),
        MaskKind.TruncateGeo => Fits(type is FieldType.Point, "POINT") ?? Parameter(mask, 10, 100_000),
        MaskKind.Tokenize => "TOKENIZE needs a token vault, which this hub does not have",
        _ => "give one of the kinds of mask",
    };

    private static string? Fits(bool fits, string types) => fits ? null : $"this mask is only for {types}";

    private static string? Parameter(Mask mask, int least, int most) =>
        mask.Parameter >= least && mask.Parameter <= most ? null : $"the mask's parameter must be {least} to {most}";
}
