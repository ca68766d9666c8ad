using Npgsql;
using NpgsqlTypes;

namespace Exchange.Bench.Limits;

/// <summary>A row of the log's event table, as the store wrote it.</summary>
internal sealed record EventRow(
    int Partition, long Position, Guid Stream, long Version, string Type, byte[] Payload, string Caller, string Client, long GovernancePosition, DateTime RecordedAt, byte[] Hash)
{
    /// <summary>The columns, in the order of the members.</summary>
    public const string Columns = "partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash";

    private const string Arrays = "$1::int[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::timestamptz[], $11::bytea[]";

    /// <summary>Inserts many rows at once; see <see cref="AddTo"/>.</summary>
    public static string Insert(string table) => $"INSERT INTO {table} ({Columns}) SELECT * FROM unnest({Arrays})";

    /// <summary>Reads a row that was selected with <see cref="Columns"/> first.</summary>
    public static EventRow Read(NpgsqlDataReader row) => new(
        row.GetInt32(0),
        row.GetInt64(1),
        row.GetGuid(2),
        row.GetInt64(3),
        row.GetString(4),
        row.GetFieldValue<byte[]>(5),
        row.GetString(6),
        row.GetString(7),
        row.GetInt64(8),
        row.GetDateTime(9),
        row.GetFieldValue<byte[]>(10));

    /// <summary>The parameters of <see cref="Insert"/>.</summary>
    public static void AddTo(NpgsqlParameterCollection parameters, List<EventRow> rows)
    {
        Add(row => row.Partition);
        Add(row => row.Position);
        Add(row => row.Stream);
        Add(row => row.Version);
        Add(row => row.Type);
        Add(row => row.Payload);
        Add(row => row.Caller);
        Add(row => row.Client);
        Add(row => row.GovernancePosition);
        parameters.Add(new NpgsqlParameter<List<DateTime>> { TypedValue = rows.ConvertAll(row => row.RecordedAt), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        Add(row => row.Hash);

        void Add<T>(Converter<EventRow, T> column) => parameters.Add(new NpgsqlParameter<List<T>> { TypedValue = rows.ConvertAll(column) });
    }
}
