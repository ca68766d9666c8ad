using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// The statement that reads rows of one subject table by their ids, with a set of its fields. Rows of one partition are asked for in a form that a
/// distributed engine routes to one node.
/// </summary>
internal sealed class CurrentStatement
{
    private const int Place = 0;
    private const int Version = 1;
    private const int Position = 2;
    private const int CreateTime = 3;
    private const int UpdateTime = 4;
    private const int Opener = 5;
    private const int SourceSystem = 6;
    private const int SourceId = 7;
    private const int IsErased = 8;
    private const int FirstField = 9;

    private readonly SubjectTable table;
    private readonly ImmutableArray<int> fields;
    private readonly string one;
    private readonly string many;

    /// <summary>Reads these fields, given by their places in the resource.</summary>
    public CurrentStatement(SubjectTable table, ImmutableArray<int> fields)
    {
        (this.table, this.fields) = (table, fields);
        (one, many) = (Statement(isOne: true), Statement(isOne: false));
    }

    /// <summary>The revision whose fields are read.</summary>
    public ResourceDefinition Resource => table.Resource;

    /// <summary>Asks for these records.</summary>
    public NpgsqlCommand ToCommand(NpgsqlConnection connection, IReadOnlyList<WantedRecord> wanted)
    {
        int[] partitions = [.. wanted.Select(record => record.Partition)];
        Guid[] ids = [.. wanted.Select(record => record.RecordId)];
        var isOne = !partitions.AsSpan().ContainsAnyExcept(partitions[0]);
        return new NpgsqlCommand(isOne ? one : many, connection)
        {
            Parameters =
            {
                isOne ? SqlValue.Parameter(partitions[0], NpgsqlDbType.Integer) : SqlValue.Parameter(partitions, NpgsqlDbType.Array | NpgsqlDbType.Integer),
                SqlValue.Parameter(ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid),
            },
        };
    }

    /// <summary>Which of the wanted records the reader stands on.</summary>
    public static int PlaceOf(NpgsqlDataReader reader) => (int)reader.GetInt64(Place) - 1;

    /// <summary>The record the reader stands on; null when its data key was destroyed: its row does not tell which values were sealed.</summary>
    public RecordFold? Read(NpgsqlDataReader reader, WantedRecord wanted)
    {
        if (reader.GetBoolean(IsErased))
        {
            return null;
        }

        var values = new FieldValue[table.Columns.Length];
        var ordinal = FirstField;
        foreach (var index in fields)
        {
            var column = table.Columns[index];
            values[index] = SubjectReader.Read(reader, ordinal, column);
            ordinal += column.Width;
        }

        var head = new SubjectRowHead(
            wanted.Partition,
            wanted.RecordId,
            SubjectRowHead.NotRead,
            reader.GetInt64(Version),
            reader.GetInt64(Position),
            SubjectReader.ReadTimestamp(reader, UpdateTime),
            reader.GetString(Opener),
            reader.GetString(SourceSystem),
            reader.GetString(SourceId),
            null);
        return RecordFold.Of(table.Resource, head, SubjectReader.ReadTimestamp(reader, CreateTime), values);
    }

    // Index complaint$pkey and its like; data_key_pkey. OFFSET 0 as in AppendSql: by the whole key, under whatever plan.
    private string Statement(bool isOne)
    {
        var sql = new SubjectSql().Append(
            $"""
            SELECT u.place, s.version, s.position, s.create_time, s.update_time, s.opener_department, s.source_system, s.source_id,
            k.stream_id IS NOT NULL AND k.wrapped_key IS NULL
            """);
        foreach (var index in fields)
        {
            var column = table.Columns[index];
            sql.Append($", s.{column.Name}");
            _ = column.Second is { } second ? sql.Append($", s.{second}") : sql;
        }

        return isOne
            ? sql.Append(
                $"""
                 FROM unnest($2::uuid[]) WITH ORDINALITY u(record_id, place)
                CROSS JOIN LATERAL (SELECT * FROM {SubjectTable.Schema}.{table.Name} s WHERE s.partition = $1 AND s.record_id = u.record_id OFFSET 0) s
                LEFT JOIN LATERAL (SELECT * FROM log.data_key k WHERE k.partition = $1 AND k.stream_id = u.record_id OFFSET 0) k ON true
                """).Text
            : sql.Append(
                $"""
                 FROM unnest($1::int[], $2::uuid[]) WITH ORDINALITY u(partition, record_id, place)
                CROSS JOIN LATERAL (SELECT * FROM {SubjectTable.Schema}.{table.Name} s WHERE s.partition = u.partition AND s.record_id = u.record_id OFFSET 0) s
                LEFT JOIN LATERAL (SELECT * FROM log.data_key k WHERE k.partition = u.partition AND k.stream_id = u.record_id OFFSET 0) k ON true
                """).Text;
    }
}
