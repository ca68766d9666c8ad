using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>What the limits do with plain Npgsql beside what they measure. The names in their statements are the benches' own.</summary>
internal static class LimitSql
{
    private const string SelectOptions = "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = $1::regclass AND reloptions IS NOT NULL";

    /// <summary>Plain connections to a database, on which a statement may take ten minutes.</summary>
    public static NpgsqlDataSource Source(string connectionString) => NpgsqlDataSource.Create($"{connectionString};Command Timeout=600");

    /// <summary>Runs a statement.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Makes a table like another, with the same rows: columns, defaults, constraints, indexes, and how full its pages get, which LIKE leaves out.
    /// </summary>
    public static async Task CreateFilledAsync(this NpgsqlConnection connection, string table, string like, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"CREATE TABLE {table} (LIKE {like} INCLUDING ALL)", cancellationToken);
        await using (var select = new NpgsqlCommand(SelectOptions, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = like } } })
        {
            if (await select.ExecuteScalarAsync(cancellationToken) is string options)
            {
                await connection.ExecuteAsync($"ALTER TABLE {table} SET ({options})", cancellationToken);
            }
        }

        await connection.ExecuteAsync($"INSERT INTO {table} SELECT * FROM {like}", cancellationToken);
        await connection.ExecuteAsync($"ANALYZE {table}", cancellationToken);
    }

    /// <summary>Begins a measurement with what was written before on disk.</summary>
    public static async Task CheckpointAsync(this NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
    }
}
