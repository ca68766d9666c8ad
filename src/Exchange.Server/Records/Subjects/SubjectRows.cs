using System.Collections.Immutable;
using Exchange.Policy.Conditions;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// Rows of one subject table on their way into the database: all of them are inserted, or all of them are updated, in one statement. Columns are
/// the system's, the lexemes and a set of fields. Rows of one partition only are written in a form that a distributed engine routes to one node.
/// </summary>
internal sealed class SubjectRows
{
    private readonly SubjectTable table;
    private readonly ImmutableArray<int> fields;
    private readonly bool withLexemes;
    private readonly List<int> partitions = [];
    private readonly List<Guid> recordIds = [];
    private readonly List<long> openedPositions = [];
    private readonly List<long> versions = [];
    private readonly List<long> positions = [];
    private readonly List<long> updateTimes = [];
    private readonly List<string> openers = [];
    private readonly List<string> sourceSystems = [];
    private readonly List<string> sourceIds = [];
    private readonly List<string?> sourceVersions = [];
    private readonly List<string?> lexemes = [];
    private readonly (ColumnBuffer Value, ColumnBuffer? Second)[] values;

    /// <summary>Rows with these fields, given by their places in the resource, and with lexemes or without.</summary>
    public SubjectRows(SubjectTable table, ImmutableArray<int> fields, bool withLexemes)
    {
        this.table = table;
        this.fields = fields;
        this.withLexemes = withLexemes;
        values = [.. fields.Select(index => Buffers(table.Columns[index]))];
    }

    /// <summary>Rows added so far.</summary>
    public int Count => recordIds.Count;

    /// <summary>Adds a row: one value for each field, the lexemes one a line, the source versions as a JSON object or null.</summary>
    public void Add(in SubjectRowHead head, string? rowLexemes, ReadOnlySpan<FieldValue> rowValues)
    {
        partitions.Add(head.Partition);
        recordIds.Add(head.RecordId);
        openedPositions.Add(head.OpenedPosition);
        versions.Add(head.Version);
        positions.Add(head.Position);
        updateTimes.Add(SqlValue.ToSqlTimestamp(head.UpdateTime));
        openers.Add(head.Opener);
        sourceSystems.Add(head.SourceSystem);
        sourceIds.Add(head.SourceId);
        sourceVersions.Add(head.SourceVersions);
        lexemes.Add(rowLexemes);
        for (var index = 0; index < values.Length; index++)
        {
            var (value, second) = values[index];
            value.Add(rowValues[index]);
            second?.Add(rowValues[index]);
        }
    }

    /// <summary>The rows as one insert. For one partition, the join with its head keeps it on one node (form B of the distribution notes).</summary>
    public SubjectSql Insert()
    {
        var sql = new SubjectSql().Append($"INSERT INTO ");
        table.AppendNewRow(sql, fields, withLexemes);
        sql.Append($" SELECT u.partition, u.record_id, u.opened_position, u.version, u.position, u.update_time, u.update_time, u.opener_department, u.source_system, u.source_id, u.source_versions");
        _ = withLexemes ? sql.Append($", array_to_tsvector(string_to_array(u.lexemes, E'\\n'))") : sql;
        foreach (var (place, index) in fields.Index())
        {
            sql.Append($", ");
            AppendItem(sql, place, values[place].Value);
            _ = table.Columns[index].Second is not null ? sql.Append($", u.s{place}") : sql;
        }

        sql.Append($" FROM ");
        _ = OnlyPartition is not null ? sql.Append($"log.log_partition h CROSS JOIN ") : sql;
        sql.Append(
            $"""
            unnest(
            {Array(partitions, NpgsqlDbType.Integer)}, {Array(recordIds, NpgsqlDbType.Uuid)}, {Array(openedPositions, NpgsqlDbType.Bigint)},
            {Array(versions, NpgsqlDbType.Bigint)}, {Array(positions, NpgsqlDbType.Bigint)}, {Array(updateTimes, NpgsqlDbType.TimestampTz)}, {Array(openers, NpgsqlDbType.Text)}, {Array(sourceSystems, NpgsqlDbType.Text)},
            {Array(sourceIds, NpgsqlDbType.Text)}, {Array(sourceVersions, NpgsqlDbType.Jsonb)}
            """);
        AppendArrays(sql);
        sql.Append($") u(partition, record_id, opened_position, version, position, update_time, opener_department, source_system, source_id, source_versions");
        AppendNames(sql);
        sql.Append($")");
        return OnlyPartition is { } only ? sql.Append($" WHERE h.partition = {SqlValue.Parameter(only, NpgsqlDbType.Integer)}") : sql;
    }

    /// <summary>The rows as one update of the version, the fields and, if there, the lexemes. The opener's columns stay.</summary>
    /// <param name="isDistributed">
    /// Whether rows of one partition are updated in a form that a distributed engine routes to one node. Elsewhere that form reads the whole partition under a
    /// plan made while the table was small.
    /// </param>
    public SubjectSql Update(bool isDistributed)
    {
        var sql = new SubjectSql().Append(
            $"""
            UPDATE {SubjectTable.Schema}.{table.Name} s
            SET version = u.version, position = u.position, update_time = u.update_time, source_versions = u.source_versions
            """);
        _ = withLexemes ? sql.Append($", {SubjectTable.Search} = array_to_tsvector(string_to_array(u.lexemes, E'\\n'))") : sql;
        foreach (var (place, index) in fields.Index())
        {
            sql.Append($", {table.Columns[index].Name} = ");
            AppendItem(sql, place, values[place].Value);
            _ = table.Columns[index].Second is { } second ? sql.Append($", {second} = u.s{place}") : sql;
        }

        sql.Append(
            $"""
             FROM unnest(
            {Array(partitions, NpgsqlDbType.Integer)}, {Array(recordIds, NpgsqlDbType.Uuid)}, {Array(versions, NpgsqlDbType.Bigint)}, {Array(positions, NpgsqlDbType.Bigint)},
            {Array(updateTimes, NpgsqlDbType.TimestampTz)}, {Array(sourceVersions, NpgsqlDbType.Jsonb)}
            """);
        AppendArrays(sql);
        sql.Append($") u(partition, record_id, version, position, update_time, source_versions");
        AppendNames(sql);
        sql.Append($") WHERE s.record_id = u.record_id AND ");
        return isDistributed && OnlyPartition is { } only
            ? sql.Append($"s.partition = {SqlValue.Parameter(only, NpgsqlDbType.Integer)}")
            : sql.Append($"s.partition = u.partition");
    }

    // Null: the rows are of several partitions.
    private int? OnlyPartition => partitions.TrueForAll(partition => partition == partitions[0]) ? partitions[0] : null;

    private static (ColumnBuffer Value, ColumnBuffer? Second) Buffers(SubjectColumn column) =>
        (ColumnBuffer.Of(column.Field.Type), column.Second is null ? null : ColumnBuffer.Of(column.Field.Type, isSecond: true));

    private static NpgsqlParameter Array<T>(List<T> items, NpgsqlDbType type) => SqlValue.Parameter(items, NpgsqlDbType.Array | type);

    private static void AppendItem(SubjectSql sql, int place, ColumnBuffer buffer) =>
        _ = buffer.IsArrayLiteral ? sql.Append($"u.c{place}::text[]") : sql.Append($"u.c{place}");

    private void AppendArrays(SubjectSql sql)
    {
        _ = withLexemes ? sql.Append($", {Array(lexemes, NpgsqlDbType.Text)}") : sql;
        foreach (var (value, second) in values)
        {
            sql.Append($", {value.ToParameter()}");
            _ = second is not null ? sql.Append($", {second.ToParameter()}") : sql;
        }
    }

    private void AppendNames(SubjectSql sql)
    {
        _ = withLexemes ? sql.Append($", lexemes") : sql;
        foreach (var (place, (_, second)) in values.Index())
        {
            sql.Append($", c{place}");
            _ = second is not null ? sql.Append($", s{place}") : sql;
        }
    }
}
