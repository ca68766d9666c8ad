using Exchange.Catalog;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Catalog.Quality;

/// <summary>
/// Which resources have records: a catalog has many that never get one, and they cost a look in a hundred at once, not a measure in each partition. One that had a record
/// is not looked at again. Not for concurrent use.
/// </summary>
internal sealed class FilledTables(NpgsqlDataSource database)
{
    private const int AtOnce = 100;

    private const string SelectTables = "SELECT name FROM unnest($1::text[], $2::text[]) AS u (name, qualified) WHERE to_regclass(u.qualified) IS NOT NULL";

    private readonly HashSet<ResourceId> filled = [];

    /// <summary>Those of the resources that have or had records.</summary>
    public async Task<IReadOnlyList<ResourceDefinition>> FindAsync(IReadOnlyCollection<ResourceDefinition> resources, CancellationToken cancellationToken)
    {
        foreach (var chunk in resources.Where(resource => !filled.Contains(resource.Id)).Chunk(AtOnce))
        {
            await LookAsync([.. chunk.Select(SubjectTable.Of)], cancellationToken);
        }

        return [.. resources.Where(resource => filled.Contains(resource.Id))];
    }

    private async Task LookAsync(SubjectTable[] tables, CancellationToken cancellationToken)
    {
        HashSet<string> there = new(StringComparer.Ordinal);
        await using (var select = database.CreateCommand(SelectTables))
        {
            select.Parameters.Add(SqlValue.Parameter<string[]>([.. tables.Select(table => table.Name.Value)], NpgsqlDbType.Array | NpgsqlDbType.Text));
            select.Parameters.Add(SqlValue.Parameter<string[]>([.. tables.Select(table => $"{SubjectTable.Schema}.{table.Name}")], NpgsqlDbType.Array | NpgsqlDbType.Text));
            await using var names = await select.ExecuteReaderAsync(cancellationToken);
            while (await names.ReadAsync(cancellationToken))
            {
                there.Add(names.GetString(0));
            }
        }

        tables = [.. tables.Where(table => there.Contains(table.Name.Value))];
        if (tables is [])
        {
            return;
        }

        var sql = new SubjectSql().AppendEach(
            tables.Index(), " UNION ALL ", (one, table) => one.Append($"SELECT {table.Index} WHERE EXISTS (SELECT FROM {SubjectTable.Schema}.{table.Item.Name})"));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = sql.ToCommand(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            filled.Add(tables[reader.GetInt32(0)].Resource.Id);
        }
    }
}
