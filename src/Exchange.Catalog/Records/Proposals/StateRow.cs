using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Records;

/// <summary>A record as conditions read it, with these values in the place of its own. Its times are not there.</summary>
internal readonly ref struct StateRow(ResourceDefinition resource, RecordState record, ReadOnlySpan<FieldValue> values) : IRow
{
    private readonly ReadOnlySpan<FieldValue> _values = values;

    public FieldValue Get(int number) => number switch
    {
        -1 => FieldValue.Text(record.Opener.Value),
        -2 => FieldValue.Text(record.SourceSystem),
        -3 => FieldValue.Text(record.SourceId),
        _ => resource.IndexOf(number) is var index and >= 0 ? _values[index] : default,
    };
}
