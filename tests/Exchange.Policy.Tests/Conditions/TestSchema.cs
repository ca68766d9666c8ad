using Exchange.Policy.Conditions;

namespace Exchange.Policy.Tests.Conditions;

/// <summary>One field of each type, `title` searchable and `note` not.</summary>
internal sealed class TestSchema : IConditionSchema
{
    public static readonly AttributeRef Title = new("title", 1, FieldType.Text);
    public static readonly AttributeRef Count = new("count", 2, FieldType.Integer);
    public static readonly AttributeRef Cost = new("cost", 3, FieldType.Decimal);
    public static readonly AttributeRef Secret = new("secret", 4, FieldType.Boolean);
    public static readonly AttributeRef Day = new("day", 5, FieldType.Date);
    public static readonly AttributeRef At = new("at", 6, FieldType.Timestamp);
    public static readonly AttributeRef Channel = new("channel", 7, FieldType.Code);
    public static readonly AttributeRef Tags = new("tags", 8, FieldType.TextList);
    public static readonly AttributeRef Place = new("place", 9, FieldType.Point);
    public static readonly AttributeRef Note = new("note", 10, FieldType.Text);

    public static readonly AttributeRef[] Fields = [Title, Count, Cost, Secret, Day, At, Channel, Tags, Place, Note];

    public static TestSchema Instance { get; } = new();

    public bool TryResolve(string name, out AttributeRef attribute)
    {
        attribute = Fields.Concat(SystemAttributes.All).FirstOrDefault(field => field.Name == name);
        return attribute.Name is not null;
    }

    public bool IsSearchable(AttributeRef attribute) => attribute == Title;
}

/// <summary>A row with the fields of <see cref="TestSchema"/>; values by field number.</summary>
internal readonly struct TestRow(FieldValue[] values) : IRow
{
    public FieldValue Get(int number) => number < 0 ? FieldValue.Text("hotline") : values[number];

    public override string ToString() => string.Join(' ', values.Select(value => value.ToString()));
}
