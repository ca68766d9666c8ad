using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Feeds;

/// <summary>One change as a consumer keeps it.</summary>
/// <param name="Position">Place in its partition.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Content">Hash of the record's id and of the values by field: what is compared is all of it, what is kept is little.</param>
internal readonly record struct Delivery(long Position, ChangeKind Kind, int Content)
{
    /// <summary>A change that was sent.</summary>
    public static Delivery Of(Change change, IReadOnlyList<Column> columns) => new(
        change.Position,
        change.Kind,
        Hash(
            new Guid(change.RecordId.Span, bigEndian: true),
            [.. change.Columns.Zip(change.Values, (column, value) => (columns[column].Field, value.Text)), .. change.WithdrawnColumns.Select(column => (columns[column].Field, "withdrawn"))]));

    /// <summary>Of a record's id and the values of its fields, whatever their order.</summary>
    public static int Hash(Guid record, IEnumerable<(string Field, string Text)> values)
    {
        var hash = record.GetHashCode();
        foreach (var value in values)
        {
            hash += value.GetHashCode();
        }

        return hash;
    }
}
