using Npgsql;

namespace Exchange.Bench.Limits;

/// <summary>What the limits do with plain Npgsql beside what they measure. The names in their statements are the benches' own.</summary>
internal static class LimitSql
{
    private const string SelectOptions = "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = $1::regclass AND reloptions IS NOT NULL";

    /// <summary>Runs a statement for which ten minutes are enough.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes an empty table like another: columns, defaults, constraints, indexes, and how full its pages get, which LIKE leaves out.</summary>
    public static async Task CreateLikeAsync(this NpgsqlConnection connection, string table, string like, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"CREATE TABLE {table} (LIKE {like} INCLUDING ALL)", cancellationToken);
        await using var select = new NpgsqlCommand(SelectOptions, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = like } } };
        if (await select.ExecuteScalarAsync(cancellationToken) is string options)
        {
            await connection.ExecuteAsync($"ALTER TABLE {table} SET ({options})", cancellationToken);
        }
    }
}
