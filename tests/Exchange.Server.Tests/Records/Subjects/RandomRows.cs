using Exchange.Catalog;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Tests.Records.Subjects;

/// <summary>Random values and conditions, few enough of each type that comparisons often hold.</summary>
internal sealed class RandomRows(int seed)
{
    // Where UTF-16 order and UTF-8 order differ, what SQL and array literals quote, and what looks alike.
    private static readonly string[] Texts =
        ["", "a", "A", "ab", "é", "e\u0301", "", "😀", "Ａ", "噪音", "it's", "\"q\"", "back\\slash", "{x,y}", "NULL", "null", " a", "a\nb", "$1"];

    // Few characters, so that phrases are found; runs next to words, full width next to half, a rare character of two code units.
    private static readonly string[] Pieces = ["噪", "音", "扰", "民", "水", "漏", "𠮷", " ", "，", "Pipe", "ｐｉｐｅ", "leak", "12345", "！"];

    private static readonly decimal[] Decimals = [0m, 0.0m, 1.5m, 1.50m, -2.25m, 792_281_625_142_643_375_935_439_503.5m, 0.0000000000000000000000000001m];

    private static readonly int[] Days = [0, -719_162, 2_932_896, 16_436, -1];

    private static readonly long[] Moments =
        [0, 1, -1, 1_420_070_400_000_000, 1_420_070_400_000_001, -62_135_596_800_000_000, 253_402_300_799_999_999];

    private readonly Random random = new(seed);

    public FieldValue Value(FieldType type) => type switch
    {
        FieldType.Text => FieldValue.Text(Pick(Texts)),
        FieldType.Code when random.Next(3) is 0 => FieldValue.Code(new SourcedCode(Pick(Texts), Pick(["city-a", "b2"]), Pick(Texts) + "/1")),
        FieldType.Code => FieldValue.Code(Pick(Texts)),
        FieldType.Integer => FieldValue.Integer(Pick([0L, 1L, -1L, 5L, long.MinValue, long.MaxValue])),
        FieldType.Decimal => FieldValue.Decimal(Pick(Decimals)),
        FieldType.Boolean => FieldValue.Boolean(random.Next(2) is 0),
        FieldType.Date => FieldValue.Date(Pick(Days)),
        FieldType.Timestamp => FieldValue.Timestamp(Pick(Moments)),
        FieldType.TextList => FieldValue.TextList([.. Enumerable.Range(0, random.Next(4)).Select(_ => Pick(Texts))]),
        FieldType.Point => FieldValue.Point(random.Next(-90, 91), random.Next(-180, 181) / 2.0),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public FieldValue[] Row(ResourceDefinition resource) =>
        [.. resource.Fields.Select(field => random.Next(4) is 0 ? default : field.Searchable ? FieldValue.Text(Prose(12)) : Value(field.Type))];

    public string Prose(int pieces) => string.Concat(Enumerable.Range(0, random.Next(1, pieces + 1)).Select(_ => Pick(Pieces)));

    public Condition Condition(IReadOnlyList<AttributeRef> attributes, int depth) => random.Next(depth is 0 ? 1 : 5) switch
    {
        1 => new Condition.Not(Condition(attributes, depth - 1)),
        2 => new Condition.And([.. Terms(attributes, depth)]),
        3 => new Condition.Or([.. Terms(attributes, depth)]),
        _ => Leaf(Pick(attributes)),
    };

    private IEnumerable<Condition> Terms(IReadOnlyList<AttributeRef> attributes, int depth) =>
        Enumerable.Range(0, random.Next(4)).Select(_ => Condition(attributes, depth - 1));

    private Condition Leaf(AttributeRef attribute) => (attribute.Type, random.Next(8)) switch
    {
        (_, 0) => random.Next(2) is 0 ? Policy.Conditions.Condition.Always : Policy.Conditions.Condition.Never,
        (_, 1) or (FieldType.Point, _) => new Condition.Present(attribute),
        (FieldType.Text, < 6) when attribute.Name is "content" => new Condition.Search(attribute, Prose(4)),
        (FieldType.TextList, _) => new Condition.Has(attribute, Pick(Texts)),
        (FieldType.Boolean, _) => new Condition.Compare(attribute, Pick([CompareOp.Equal, CompareOp.NotEqual]), Value(FieldType.Boolean)),
        (_, 2) => new Condition.In(attribute, [.. Enumerable.Range(0, random.Next(3)).Select(_ => Literal(attribute.Type))]),
        _ => new Condition.Compare(attribute, Pick(Enum.GetValues<CompareOp>()), Literal(attribute.Type)),
    };

    // What a source has for a code stands in no condition.
    private FieldValue Literal(FieldType type) => Value(type) is { Sourced: { } sourced } ? FieldValue.Code(sourced.Code) : Value(type);

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
