using Exchange.Policy.Conditions;

namespace Exchange.Policy.Masks;

/// <summary>
/// What masks can be defined, and the functions that put them on. All are deterministic.
/// <list type="table">
/// <item><term>NONE, NULL</term><description>every type; the value as it is, or none</description></item>
/// <item><term>REDACT</term><description>TEXT, TEXT_LIST: see <see cref="TextMasks.Redact"/></description></item>
/// <item><term>SHOW_FIRST_N, SHOW_LAST_N</term><description>TEXT, TEXT_LIST, CODE (gives TEXT); parameter: text elements shown, 1 to 100</description></item>
/// <item><term>HASH_KEYED</term><description>every type but BOOLEAN and POINT; gives TEXT, of a TEXT_LIST a list</description></item>
/// <item><term>YEAR_ONLY</term><description>DATE, TIMESTAMP: 1 January of the year (UTC)</description></item>
/// <item><term>GENERALIZE_REGION</term><description>TEXT, CODE; parameter: levels kept, 1 to 10</description></item>
/// <item><term>BUCKET_NUMBER</term><description>INTEGER, DECIMAL; parameter: width, 1 to 1 000 000 000</description></item>
/// <item><term>TRUNCATE_GEO</term><description>POINT; parameter: metres, 10 to 100 000</description></item>
/// <item><term>TOKENIZE</term><description>refused: the hub has no token vault</description></item>
/// </list>
/// </summary>
public static class MaskRules
{
    /// <summary>Tells what stands against defining this mask on fields of this type; null when nothing does, or no mask is given.</summary>
    public static MaskProblem? Check(Mask mask, FieldType type)
    {
        if (mask.Kind is MaskKind.Tokenize)
        {
            return new(MaskProblem.NotOffered, "TOKENIZE needs a token vault, which this hub does not have; use HASH_KEYED");
        }

        if (!Enum.IsDefined(mask.Kind))
        {
            return new(MaskProblem.NotOffered, "give one of the kinds of mask");
        }

        var (least, most) = Bounds(mask.Kind);
        if (mask.Parameter < least || mask.Parameter > most)
        {
            return new(MaskProblem.BadParameter, most is 0 ? "this mask takes no parameter: leave it 0" : $"the parameter of this mask is {least} to {most}");
        }

        return Suits(mask.Kind, type) ? null : new(MaskProblem.WrongType, $"this mask cannot be put on a field of type {type}");
    }

    /// <summary>
    /// Makes the function of a mask for a column of this type. The key is used by HASH_KEYED only, at least 16 bytes then:
    /// equal values give equal hashes under one key, so each department's readers get a key of their own.
    /// </summary>
    /// <exception cref="ArgumentException">No mask is given, it cannot be defined on this type (<see cref="Check"/>), or the key is too short.</exception>
    public static MaskDelegate Compile(Mask mask, FieldType type, ReadOnlyMemory<byte> key = default)
    {
        if (Check(mask, type) is { } problem)
        {
            throw new ArgumentException(problem.Message, nameof(mask));
        }

        if (mask.Kind is MaskKind.HashKeyed && key.Length < 16)
        {
            throw new ArgumentException("a key of at least 16 bytes is needed", nameof(key));
        }

        if (mask.IsUnspecified)
        {
            throw new ArgumentException("no mask is given", nameof(mask));
        }

        var parameter = mask.Parameter;
        return mask.Kind switch
        {
            MaskKind.None => static (in value) => value,
            MaskKind.Null => static (in _) => default,
            MaskKind.Redact => OfTexts(type, TextMasks.Redact),
            MaskKind.ShowFirstN => OfTexts(type, text => TextMasks.ShowFirst(text, parameter)),
            MaskKind.ShowLastN => OfTexts(type, text => TextMasks.ShowLast(text, parameter)),
            MaskKind.GeneralizeRegion => OfTexts(type, text => TextMasks.GeneralizeRegion(text, parameter), codes: FieldType.Code),
            MaskKind.HashKeyed => new KeyedHash(key).Mask,
            MaskKind.YearOnly => NumberMasks.YearOnly,
            MaskKind.BucketNumber => (in value) => NumberMasks.Bucket(value, parameter),
            MaskKind.TruncateGeo => (in value) => NumberMasks.TruncatePoint(value, parameter),
            _ => throw new System.Diagnostics.UnreachableException($"mask {mask.Kind}"),
        };
    }

    private static (int Least, int Most) Bounds(MaskKind kind) => kind switch
    {
        MaskKind.ShowFirstN or MaskKind.ShowLastN => (1, 100),
        MaskKind.BucketNumber => (1, 1_000_000_000),
        MaskKind.TruncateGeo => (10, 100_000),
        MaskKind.GeneralizeRegion => (1, 10),
        _ => (0, 0),
    };

    private static bool Suits(MaskKind kind, FieldType type) => kind switch
    {
        MaskKind.Unspecified or MaskKind.None or MaskKind.Null => true,
        MaskKind.Redact => type is FieldType.Text or FieldType.TextList,
        MaskKind.ShowFirstN or MaskKind.ShowLastN => type is FieldType.Text or FieldType.TextList or FieldType.Code,

        // A hash of true or false tells which after two looks; equal points are hashed equal only to the last digit.
        MaskKind.HashKeyed => type is not (FieldType.Unspecified or FieldType.Boolean or FieldType.Point),
        MaskKind.YearOnly => type is FieldType.Date or FieldType.Timestamp,
        MaskKind.GeneralizeRegion => type is FieldType.Text or FieldType.Code,
        MaskKind.BucketNumber => type is FieldType.Integer or FieldType.Decimal,
        MaskKind.TruncateGeo => type is FieldType.Point,
        _ => false,
    };

    private static MaskDelegate OfTexts(FieldType type, Func<string, string> mask, FieldType codes = FieldType.Text) => type switch
    {
        FieldType.TextList => (in value) => value.IsMissing ? default : FieldValue.TextList(Array.ConvertAll(value.AsTextList, item => mask(item))),
        FieldType.Code when codes is FieldType.Code => (in value) => value.IsMissing ? default : FieldValue.Code(mask(value.AsText)),
        _ => (in value) => value.IsMissing ? default : FieldValue.Text(mask(value.AsText)),
    };
}
