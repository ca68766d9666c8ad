using System.Collections.Immutable;
using System.Diagnostics;
using Exchange.EventStore.Appending;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Subjects;

/// <summary>Many new rows of one subject table on their way into the database by COPY: as <see cref="SubjectRows"/>, at half the price.</summary>
internal sealed class SubjectCopy
{
    private const int SystemColumns = 11;

    private readonly SubjectTable table;
    private readonly ImmutableArray<int> fields;
    private readonly bool withLexemes;
    private readonly int columns;

    /// <summary>Rows with these fields, given by their places in the resource, and with lexemes or without.</summary>
    public SubjectCopy(SubjectTable table, ImmutableArray<int> fields, bool withLexemes)
    {
        this.table = table;
        this.fields = fields;
        this.withLexemes = withLexemes;
        columns = SystemColumns + (withLexemes ? 1 : 0) + fields.Sum(index => table.Columns[index].Width);
    }

    /// <summary>The rows.</summary>
    public CopyRows Rows { get; } = new();

    /// <summary>The statement that takes them.</summary>
    public string Statement
    {
        get
        {
            var sql = new SubjectSql().Append($"COPY ");
            table.AppendNewRow(sql, fields, withLexemes);
            return sql.Append($" FROM STDIN (FORMAT BINARY)").Text;
        }
    }

    /// <summary>Adds a row: one value for each field, and the lexemes, each once; none are no value.</summary>
    public void Add(in SubjectRowHead head, IReadOnlyCollection<string> lexemes, ReadOnlySpan<FieldValue> values)
    {
        var time = SqlValue.ToSqlTimestamp(head.UpdateTime);
        Rows.BeginRow(columns);
        Rows.Int32(head.Partition);
        Rows.Uuid(head.RecordId);
        Rows.Int64(head.OpenedPosition);
        Rows.Int64(head.Version);
        Rows.Int64(head.Position);
        Rows.Int64(time);
        Rows.Int64(time);
        Rows.Text(head.Opener);
        Rows.Text(head.SourceSystem);
        Rows.Text(head.SourceId);
        if (head.SourceVersions is { } versions)
        {
            Rows.Json(versions);
        }
        else
        {
            Rows.Null();
        }

        if (withLexemes && lexemes.Count > 0)
        {
            Rows.Lexemes(lexemes);
        }
        else if (withLexemes)
        {
            Rows.Null();
        }

        for (var place = 0; place < values.Length; place++)
        {
            Add(table.Columns[fields[place]], values[place]);
        }
    }

    private void Add(SubjectColumn column, in FieldValue value)
    {
        if (value.IsMissing)
        {
            Rows.Null();
            if (column.Second is not null)
            {
                Rows.Null();
            }

            return;
        }

        var type = column.Field.Type;
        switch (type)
        {
            case FieldType.Code when column.IsSourced:
                Rows.Text(value.AsText);
                if (value.Sourced is { } sourced)
                {
                    Rows.Text(sourced.Source);
                }
                else
                {
                    Rows.Null();
                }

                break;
            case FieldType.Text or FieldType.Code when value.TryGetUtf8(out var utf8):
                Rows.Text(utf8);
                break;
            case FieldType.Text or FieldType.Code:
                Rows.Text(value.AsText);
                break;
            case FieldType.Integer:
                Rows.Int64(value.AsInteger);
                break;
            case FieldType.Decimal:
                Rows.Numeric(value.AsDecimal);
                break;
            case FieldType.Boolean:
                Rows.Boolean(value.AsBoolean);
                break;
            case FieldType.Date:
                Rows.Int32(SqlValue.ToSqlDate(value.AsDate));
                break;
            case FieldType.Timestamp:
                Rows.Int64(SqlValue.ToSqlTimestamp(value.AsTimestamp));
                break;
            case FieldType.TextList:
                Rows.TextArray(value.AsTextList);
                break;
            case FieldType.Point:
                Rows.Double(value.AsPoint.Latitude);
                Rows.Double(value.AsPoint.Longitude);
                break;
            default:
                throw new UnreachableException($"field type {type}");
        }
    }
}
