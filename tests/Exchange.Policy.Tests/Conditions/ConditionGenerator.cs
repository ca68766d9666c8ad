using Exchange.Policy.Conditions;
using FsCheck;
using FsCheck.Fluent;

namespace Exchange.Policy.Tests.Conditions;

/// <summary>Random conditions over <see cref="TestSchema"/> and random rows, from few values so that they meet.</summary>
internal static class ConditionGenerator
{
    private static readonly string[] Texts = ["", "a", "b", "it's \"\\\" ", "漏水", "\uFF01", "\U00020000"];

    public static Gen<FieldValue> Values(FieldType type) => type switch
    {
        FieldType.Text => Gen.Elements(Texts).Select(FieldValue.Text),
        FieldType.Code => Gen.Elements("WEB", "APP", "a b").Select(FieldValue.Code),
        FieldType.Integer => Gen.Elements(long.MinValue, -1, 0, 1, long.MaxValue).Select(FieldValue.Integer),
        FieldType.Decimal => Gen.Elements(-1.5m, 0m, 0.0m, 1m, 1.00m, 79_228_162_514.12m).Select(FieldValue.Decimal),
        FieldType.Boolean => Gen.Elements(true, false).Select(FieldValue.Boolean),
        FieldType.Date => Gen.Choose(-3, 3).Select(FieldValue.Date),
        FieldType.Timestamp => Gen.Elements(-1L, 0, 1, 1_420_070_400_000_000).Select(FieldValue.Timestamp),
        FieldType.TextList => Gen.Elements(Texts).ListOf(2).Select(items => FieldValue.TextList([.. items])),
        FieldType.Point => Gen.Constant(FieldValue.Point(31, 120)),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static Gen<TestRow> Rows { get; } = TestSchema.Fields
        .Select(field => Gen.Frequency((1, Gen.Constant(FieldValue.Missing)), (3, Values(field.Type))))
        .Aggregate(Gen.Constant(new List<FieldValue> { default }), (row, next) => row.SelectMany(values => next.Select(value => new List<FieldValue>(values) { value })))
        .Select(values => new TestRow([.. values]));

    public static Gen<Condition> Conditions { get; } = Gen.Sized(size => OfSize(Math.Min(size, 40)));

    private static Gen<Condition> OfSize(int size)
    {
        if (size <= 1)
        {
            return Leaves;
        }

        var terms = OfSize(size / 3).ListOf().Select(list => list.Take(4).ToArray());
        return Gen.OneOf(
            Leaves,
            terms.Select(list => (Condition)new Condition.And([.. list])),
            terms.Select(list => (Condition)new Condition.Or([.. list])),
            OfSize(size / 2).Select(term => (Condition)new Condition.Not(term)));
    }

    private static Gen<Condition> Leaves { get; } = Gen.Frequency(
        (1, Gen.Constant(Condition.Always)),
        (1, Gen.Constant(Condition.Never)),
        (2, Gen.Elements(TestSchema.Fields).Select(field => (Condition)new Condition.Present(field))),
        (2, Gen.Elements(Texts).Select(text => (Condition)new Condition.Has(TestSchema.Tags, text))),
        (8, Gen.Elements(TestSchema.Fields.Where(field => field.Type is not (FieldType.TextList or FieldType.Point)).ToArray()).SelectMany(Comparisons)));

    private static Gen<Condition> Comparisons(AttributeRef field)
    {
        var ops = field.Type is FieldType.Boolean ? [CompareOp.Equal, CompareOp.NotEqual] : Enum.GetValues<CompareOp>();
        return Gen.OneOf(
            Gen.Elements(ops).SelectMany(op => Values(field.Type).Select(value => (Condition)new Condition.Compare(field, op, value))),
            Values(field.Type).ListOf().Select(values => (Condition)new Condition.In(field, [.. values.Take(3)])));
    }
}
