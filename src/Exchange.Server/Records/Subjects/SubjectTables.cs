using Exchange.Catalog;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// Creates and extends the subject tables and their indexes. Each step is a transaction of its own that waits for its lock only briefly and is tried again, so
/// that publishing never holds up appends. Distributable: the partition leads the key, nothing but tables and indexes.
/// </summary>
internal sealed partial class SubjectTables(NpgsqlDataSource database, TimeProvider time, ILogger<SubjectTables> logger)
{
    private const int MostAttempts = 60;

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);

    private const string SelectColumns = """
        SELECT a.attname, format_type(a.atttypid, NULL)
        FROM pg_attribute a
        WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
        """;

    private const string InsertPublication = "INSERT INTO catalog.publication (resource) VALUES ($1) ON CONFLICT DO NOTHING";

    // An advisory lock would be one per node of a distributed database.
    private const string LockPublication = "SELECT resource FROM catalog.publication WHERE resource = $1 FOR UPDATE SKIP LOCKED";

    private const string SelectIndex = """
        SELECT i.indisvalid AND a.attname = $2
        FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.indnkeyatts - 1]
        WHERE i.indexrelid = to_regclass($1)
        """;

    private const string SelectFieldIndexes = """
        SELECT c.relname
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = to_regclass($1) AND starts_with(c.relname, $2)
        """;

    /// <summary>
    /// Waits until no node publishes this resource, and keeps it so until disposed: what one makes of a table before its event is there, another does
    /// not take for left over.
    /// </summary>
    public async Task<IAsyncDisposable> LockAsync(ResourceId resource, CancellationToken cancellationToken)
    {
        await using (var insert = database.CreateCommand(InsertPublication))
        {
            insert.Parameters.Add(SqlValue.Parameter(resource.Value, NpgsqlDbType.Text));
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        // Asked again and again: a statement that waits for the row has a snapshot, and building an index waits until nobody has an older one.
        while (true)
        {
            if (await TryLockAsync(resource, cancellationToken) is { } held)
            {
                return held;
            }

            await Task.Delay(LockPoll, time, cancellationToken);
        }
    }

    /// <summary>As the other, for a table of which every column is published.</summary>
    public Task EnsureAsync(ResourceDefinition resource, CancellationToken cancellationToken) => EnsureAsync(resource, resource, cancellationToken);

    /// <summary>
    /// Makes the table of this revision, or adds what is missing in it, under <see cref="LockAsync"/>; takes nothing from a revision before it. Idempotent. An
    /// empty column of another type that no published revision names is left over from a publication that was broken off, and is replaced; any
    /// other is a broken invariant (the publish rules refuse such a revision) and throws.
    /// </summary>
    public async Task EnsureAsync(ResourceDefinition resource, ResourceDefinition? published, CancellationToken cancellationToken)
    {
        var table = SubjectTable.Of(resource);
        var kept = published is null ? [] : Wanted(SubjectTable.Of(published)).Select(column => column.Name.Value).ToHashSet(StringComparer.Ordinal);
        await RunAsync(new SubjectSql().Append($"CREATE SCHEMA IF NOT EXISTS {SubjectTable.Schema}"), cancellationToken);
        var isNew = (await ColumnsAsync(table, cancellationToken)).Count is 0;
        if (isNew)
        {
            await RunAsync(Create(table), cancellationToken);
        }

        // Also after creating: another node may have made it, from another revision.
        var there = await ColumnsAsync(table, cancellationToken);
        foreach (var (name, type) in Wanted(table))
        {
            if (!there.TryGetValue(name.Value, out var existing))
            {
                await RunAsync(AddColumn(table, name, type), cancellationToken);
            }
            else if (existing != type.CatalogName && !kept.Contains(name.Value) && await IsEmptyAsync(table, name, cancellationToken))
            {
                Log.Replaces(logger, resource.Id.Value, name.Value, existing);
                await RunAsync(ReplaceColumn(table, name, type), cancellationToken);
            }
            else if (existing != type.CatalogName)
            {
                throw new InvalidOperationException(
                    $"column {name} of subject table {table.Name} is of type {existing}, but the resource says {type.CatalogName}");
            }
        }

        foreach (var index in table.Indexes)
        {
            await EnsureIndexAsync(table, index, isNew, cancellationToken);
        }

        Log.Ensured(logger, resource.Id.Value, resource.Revision, isNew);
    }

    /// <summary>
    /// Adds the columns of sources' codes to a table made before there were any: of all its CODE fields, as in tables made since. For a published resource;
    /// needs no lock, for it takes nothing away and a publication adds the same.
    /// </summary>
    public async Task EnsureSourcesAsync(ResourceDefinition published, CancellationToken cancellationToken)
    {
        var table = SubjectTable.Of(published);
        var there = await ColumnsAsync(table, cancellationToken);
        foreach (var column in table.Columns)
        {
            if (column.Source is { } source && !there.ContainsKey(source.Value))
            {
                await RunAsync(AddColumn(table, source, SqlType.Of(column)), cancellationToken);
            }
        }
    }

    /// <summary>
    /// Drops the indexes that no field asks for any more: they would only make pushes dearer. For a revision that is published, under <see cref="LockAsync"/>:
    /// until then filters go by the indexes of the one before. The revision stands whatever becomes of them: those that are left, the next one drops.
    /// </summary>
    public async Task DropOtherIndexesAsync(ResourceDefinition published, CancellationToken cancellationToken)
    {
        try
        {
            await DropIndexesBesideAsync(published, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.LeavesIndexes(logger, e, published.Id.Value);
        }
    }

    private async Task DropIndexesBesideAsync(ResourceDefinition published, CancellationToken cancellationToken)
    {
        var table = SubjectTable.Of(published);
        var there = new List<SqlName>();
        await using (var command = database.CreateCommand(SelectFieldIndexes))
        {
            command.Parameters.Add(SqlValue.Parameter($"{SubjectTable.Schema}.{table.Name}", NpgsqlDbType.Text));
            command.Parameters.Add(SqlValue.Parameter($"{table.Name.Value}{SubjectIndex.FieldPrefix}", NpgsqlDbType.Text));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                there.Add(new SqlName(reader.GetString(0)));
            }
        }

        foreach (var name in there.Except(table.Indexes.Select(index => index.Name)))
        {
            await RunAsync(DropIndex(name), cancellationToken);
        }
    }

    private static IEnumerable<(SqlName Name, SqlType Type)> Wanted(SubjectTable table)
    {
        var fields = table.Columns.SelectMany(column => column.Definitions);
        return table.IsSearchable ? fields.Prepend((SubjectTable.Search, SqlType.Lexemes)) : fields;
    }

    private static SubjectSql Create(SubjectTable table)
    {
        // Room in each page, so that an update that changes no indexed column stays in it (heap-only).
        var key = new SqlName($"{table.Name.Value}$pkey");
        var sql = new SubjectSql().Append(
            $"""
            CREATE TABLE IF NOT EXISTS {SubjectTable.Schema}.{table.Name} (
              partition int NOT NULL, record_id uuid NOT NULL, opened_position bigint NOT NULL, version bigint NOT NULL, position bigint NOT NULL,
              create_time timestamptz NOT NULL, update_time timestamptz NOT NULL,
              opener_department text COLLATE "C" NOT NULL, source_system text COLLATE "C" NOT NULL, source_id text COLLATE "C" NOT NULL,
              source_versions jsonb
            """);
        foreach (var (name, type) in Wanted(table))
        {
            sql.Append($", {name} {type}");
        }

        return sql.Append($", CONSTRAINT {key} PRIMARY KEY (partition, record_id)) WITH (fillfactor = 85)");
    }

    private static SubjectSql AddColumn(SubjectTable table, SqlName name, SqlType type) =>
        new SubjectSql().Append($"ALTER TABLE {SubjectTable.Schema}.{table.Name} ADD COLUMN IF NOT EXISTS {name} {type}");

    private static SubjectSql ReplaceColumn(SubjectTable table, SqlName name, SqlType type) =>
        new SubjectSql().Append($"ALTER TABLE {SubjectTable.Schema}.{table.Name} DROP COLUMN {name}, ADD COLUMN {name} {type}");

    private async Task<Held?> TryLockAsync(ResourceId resource, CancellationToken cancellationToken)
    {
        var held = new Held(await database.OpenConnectionAsync(cancellationToken));
        try
        {
            if (await held.TakeAsync(resource, cancellationToken))
            {
                return held;
            }
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }

        await held.DisposeAsync();
        return null;
    }

    private async Task<bool> IsEmptyAsync(SubjectTable table, SqlName name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new SubjectSql()
            .Append($"SELECT NOT EXISTS (SELECT FROM {SubjectTable.Schema}.{table.Name} WHERE {name} IS NOT NULL)")
            .ToCommand(connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task EnsureIndexAsync(SubjectTable table, SubjectIndex index, bool isNew, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectIndex);
        command.Parameters.Add(SqlValue.Parameter($"{SubjectTable.Schema}.{index.Name}", NpgsqlDbType.Text));
        command.Parameters.Add(SqlValue.Parameter((index.Column ?? SubjectTable.Search).Value, NpgsqlDbType.Text));
        var isReady = (bool?)await command.ExecuteScalarAsync(cancellationToken);
        if (isReady is true)
        {
            return;
        }

        if (isReady is false)
        {
            // What a concurrent build leaves when it is broken off; or a publication whose field of that number had another name.
            await RunAsync(DropIndex(index.Name), cancellationToken);
        }

        if (isNew)
        {
            await RunAsync(index.AppendCreate(new SubjectSql(), table, concurrently: false), cancellationToken);
            return;
        }

        // A filled table stays writable meanwhile; this form cannot stand in a transaction.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var create = index.AppendCreate(new SubjectSql(), table, concurrently: true).ToCommand(connection);
        create.CommandTimeout = 0;
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    private static SubjectSql DropIndex(SqlName name) => new SubjectSql().Append($"DROP INDEX IF EXISTS {SubjectTable.Schema}.{name}");

    private async Task<Dictionary<string, string>> ColumnsAsync(SubjectTable table, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectColumns);
        command.Parameters.Add(SqlValue.Parameter($"{SubjectTable.Schema}.{table.Name}", NpgsqlDbType.Text));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            columns.Add(reader.GetString(0), reader.GetString(1));
        }

        return columns;
    }

    private async Task RunAsync(SubjectSql sql, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await using (var bound = new NpgsqlCommand("SET LOCAL lock_timeout = '100ms'", connection, transaction))
                {
                    await bound.ExecuteNonQueryAsync(cancellationToken);
                }

                await using (var command = sql.ToCommand(connection, transaction))
                {
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }

                await transaction.CommitAsync(CancellationToken.None);
                return;
            }
            catch (PostgresException e) when (attempt < MostAttempts && IsWorthAnotherTry(e.SqlState))
            {
                Log.TriesAgain(logger, attempt, e.SqlState);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(500, 20 * attempt)), time, cancellationToken);
            }
        }
    }

    // The lock was not free in time, or another node made the same thing at the same moment (`IF NOT EXISTS` does not wait for it).
    private static bool IsWorthAnotherTry(string sqlState) => sqlState
        is PostgresErrorCodes.LockNotAvailable
        or PostgresErrorCodes.DeadlockDetected
        or PostgresErrorCodes.SerializationFailure
        or PostgresErrorCodes.UniqueViolation
        or PostgresErrorCodes.DuplicateTable
        or PostgresErrorCodes.DuplicateColumn
        or PostgresErrorCodes.DuplicateObject
        or PostgresErrorCodes.DuplicateSchema;

    // A transaction that holds the row's lock and does nothing else; what is made in between is made in transactions of its own.
    private sealed class Held(NpgsqlConnection connection) : IAsyncDisposable
    {
        private NpgsqlTransaction? transaction;

        public async Task<bool> TakeAsync(ResourceId resource, CancellationToken cancellationToken)
        {
            transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(LockPublication, connection, transaction);
            command.Parameters.Add(SqlValue.Parameter(resource.Value, NpgsqlDbType.Text));
            if (await command.ExecuteScalarAsync(cancellationToken) is null)
            {
                return false;
            }

            // Must come last: the SELECT's portal, and its snapshot with it, lives until the session's next statement, and an index waits for that too.
            await using var patient = new NpgsqlCommand("SET LOCAL idle_in_transaction_session_timeout = 0", connection, transaction);
            await patient.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                // Rolls back at once; the pool would do so at the connection's next use only.
                await (transaction?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "subject table {Resource}: replaces empty column {Column} of type {Type}, left over from a publication that was broken off")]
        public static partial void Replaces(ILogger logger, string resource, string column, string type);

        [LoggerMessage(1, LogLevel.Information, "subject table {Resource} is ready for revision {Revision} (new: {IsNew})")]
        public static partial void Ensured(ILogger logger, string resource, int revision, bool isNew);

        [LoggerMessage(4, LogLevel.Warning, "subject table {Resource}: indexes that no field asks for any more are left; the next publication drops them")]
        public static partial void LeavesIndexes(ILogger logger, Exception exception, string resource);

        [LoggerMessage(2, LogLevel.Debug, "changing a subject table did not go through in attempt {Attempt}: {SqlState}")]
        public static partial void TriesAgain(ILogger logger, int attempt, string sqlState);
    }
}
