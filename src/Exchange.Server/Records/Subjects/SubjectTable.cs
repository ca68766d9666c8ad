using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// The shape of a resource's table in schema `subject`: system columns, then the fields in the order of their numbers. A field whose name a
/// system column has stands in `name$`; no field's name holds a `$`, and no resource's id, so that the table's indexes have names of their own too.
/// </summary>
internal sealed class SubjectTable
{
    /// <summary>Schema of all subject tables.</summary>
    public static readonly SqlName Schema = new("subject");

    /// <summary>Column of the search lexemes; there when a field is searchable.</summary>
    public static readonly SqlName Search = new("search");

    private static readonly FrozenSet<string> SystemColumns = new[]
    {
        "partition", "record_id", "opened_position", "version", "position", "create_time", "update_time", "opener_department", "source_system", "source_id",
        "source_versions", "search",
        // PostgreSQL's own, which a column cannot be called.
        "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly ConditionalWeakTable<ResourceDefinition, SubjectTable> Tables = [];

    private SubjectTable(ResourceDefinition resource)
    {
        Resource = resource;
        Name = new SqlName(resource.Id.Value);
        Columns = [.. resource.Fields.Select(field => ColumnOf(field, resource.SourcedFields.Contains(field.Number)))];
        Indexes =
        [
            new SubjectIndex(new SqlName($"{Name.Value}$opened_idx"), new SqlName("opened_position")),
            .. Columns.Where(column => column.Field.Indexed).Select(column => new SubjectIndex(new SqlName($"{Name.Value}{SubjectIndex.FieldPrefix}{column.Field.Number}_idx"), column.Name)),
            .. resource.Fields.Any(field => field.Searchable) ? [new SubjectIndex(new SqlName($"{Name.Value}$search_idx"), null)] : Array.Empty<SubjectIndex>(),
        ];
        SearchableFields = [.. resource.Fields.Index().Where(item => item.Item.Searchable).Select(item => item.Index)];
    }

    /// <summary>The revision this is the table of.</summary>
    public ResourceDefinition Resource { get; }

    /// <summary>Its name in <see cref="Schema"/>.</summary>
    public SqlName Name { get; }

    /// <summary>One for each of the resource's fields, in their order.</summary>
    public ImmutableArray<SubjectColumn> Columns { get; }

    /// <summary>Its indexes beside the key: that of the order records were opened in, and those the resource asks for.</summary>
    public ImmutableArray<SubjectIndex> Indexes { get; }

    /// <summary>Indexes of the searchable fields, ascending.</summary>
    public ImmutableArray<int> SearchableFields { get; }

    /// <summary>True when there is a <see cref="Search"/> column.</summary>
    public bool IsSearchable => !SearchableFields.IsEmpty;

    /// <summary>The table of a resource; made once for each revision.</summary>
    public static SubjectTable Of(ResourceDefinition resource) => Tables.GetValue(resource, static key => new SubjectTable(key));

    /// <summary>Column a condition's attribute stands in; the latitude of a POINT.</summary>
    public SqlName ColumnOf(AttributeRef attribute) => attribute.Number switch
    {
        -1 => new SqlName("opener_department"),
        -2 => new SqlName("source_system"),
        -3 => new SqlName("source_id"),
        -4 => new SqlName("create_time"),
        -5 => new SqlName("update_time"),
        var number => Resource.IndexOf(number) is var index and >= 0
            ? Columns[index].Name
            : throw new InvalidOperationException($"resource `{Resource.Id}` revision {Resource.Revision} has no field {number}"),
    };

    /// <summary>
    /// Adds the table's name and, in parentheses, the columns of a new row: the system's, the lexemes or not, and these fields, given by their places in
    /// the resource. Who writes rows gives the values in this order.
    /// </summary>
    public void AppendNewRow(SubjectSql sql, ImmutableArray<int> fields, bool withLexemes)
    {
        sql.Append(
            $"""
            {Schema}.{Name}
            (partition, record_id, opened_position, version, position, create_time, update_time, opener_department, source_system, source_id, source_versions
            """);
        _ = withLexemes ? sql.Append($", {Search}") : sql;
        foreach (var index in fields)
        {
            var column = Columns[index];
            sql.Append($", {column.Name}");
            _ = column.Second is { } second ? sql.Append($", {second}") : sql;
        }

        sql.Append($")");
    }

    private static SubjectColumn ColumnOf(FieldDefinition field, bool isSourced)
    {
        var name = new SqlName(SystemColumns.Contains(field.Name) ? $"{field.Name}$" : field.Name);
        return field.Type switch
        {
            FieldType.Point => new SubjectColumn(field, new SqlName($"{field.Name}$latitude"), Longitude: new SqlName($"{field.Name}$longitude")),
            FieldType.Code => new SubjectColumn(field, name, Source: new SqlName($"{field.Name}$source"), IsSourced: isSourced),
            _ => new SubjectColumn(field, name),
        };
    }
}
