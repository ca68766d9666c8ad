using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.EventStore.Migrations;

/// <summary>Applies numbered forward-only SQL files, under a row lock so that many nodes may start at once.</summary>
public static partial class Migrator
{
    private const string CreateMigrationTables = """
        CREATE SCHEMA IF NOT EXISTS log;
        CREATE TABLE IF NOT EXISTS log.migration (
            source text NOT NULL,
            number int NOT NULL,
            name text NOT NULL,
            checksum bytea NOT NULL,
            apply_time timestamptz NOT NULL,
            CONSTRAINT migration_pkey PRIMARY KEY (source, number)
        );
        CREATE TABLE IF NOT EXISTS log.migration_lock (
            id smallint NOT NULL CONSTRAINT migration_lock_id_check CHECK (id = 1),
            CONSTRAINT migration_lock_pkey PRIMARY KEY (id)
        );
        INSERT INTO log.migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING;
        """;

    private const string MigrationTableExists = "SELECT to_regclass('log.migration_lock') IS NOT NULL AND to_regclass('log.migration') IS NOT NULL";

    // A row lock, not an advisory one: those are per node on a distributed engine.
    private const string Lock = "SELECT id FROM log.migration_lock WHERE id = 1 FOR UPDATE";

    private const string SelectApplied = "SELECT number, name, checksum FROM log.migration WHERE source = $1 ORDER BY number";

    private const string InsertApplied = "INSERT INTO log.migration (source, number, name, checksum, apply_time) VALUES ($1, $2, $3, $4, $5)";

    /// <summary>
    /// Applies what is missing of each source, in the given order; the event store's own come first by themselves. Each file is a transaction.
    /// Throws <see cref="MigrationException"/> when an applied file was changed since, or the database has one this program does not know.
    /// </summary>
    public static Task ApplyAsync(
        string connectionString, IReadOnlyList<MigrationSource> sources, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        ApplyFilesAsync(
        connectionString,
        [
            .. sources.Where(source => source != MigrationSource.EventStore).Prepend(MigrationSource.EventStore)
                .Select(source => (source.Name, MigrationFile.ReadAll(source))),
        ],
        time,
        logger,
        cancellationToken);

    internal static async Task ApplyFilesAsync(
        string connectionString,
        IReadOnlyList<(string Name, IReadOnlyList<MigrationFile> Files)> sources,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await EnsureTablesAsync(connection, cancellationToken);
        foreach (var (source, files) in sources)
        {
            while (await ApplyNextAsync(connection, source, files, time, logger, cancellationToken))
            {
                // One file a turn, so that another node that starts now never waits for more than one.
            }
        }
    }

    /// <summary>True when it applied one.</summary>
    private static async Task<bool> ApplyNextAsync(
        NpgsqlConnection connection, string source, IReadOnlyList<MigrationFile> files, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locking = new NpgsqlCommand(Lock, connection, transaction))
        {
            await locking.ExecuteNonQueryAsync(cancellationToken);
        }

        var applied = await ReadAppliedAsync(connection, source, cancellationToken);
        Verify(source, files, applied);
        if (files.FirstOrDefault(file => !applied.ContainsKey(file.Number)) is not { } next)
        {
            return false;
        }

        await using (var migrate = new NpgsqlCommand(next.Text, connection, transaction))
        {
            await migrate.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var insert = new NpgsqlCommand(InsertApplied, connection, transaction)
        {
            Parameters =
            {
                new() { Value = source },
                new() { Value = next.Number },
                new() { Value = next.Name },
                new() { Value = next.Checksum },
                new() { Value = time.GetUtcNow().UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        Log.Applied(logger, source, next.Name);
        return true;
    }

    private static async Task<Dictionary<int, (
        string Name, byte[] Checksum)>> ReadAppliedAsync(NpgsqlConnection connection, string source, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, (string Name, byte[] Checksum)>();
        await using var select = new NpgsqlCommand(SelectApplied, connection) { Parameters = { new() { Value = source } } };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetFieldValue<byte[]>(2)));
        }

        return applied;
    }

    private static void Verify(string source, IReadOnlyList<MigrationFile> files, Dictionary<int, (string Name, byte[] Checksum)> applied)
    {
        foreach (var (number, (name, checksum)) in applied)
        {
            var file = files.FirstOrDefault(file => file.Number == number)
                ?? throw new MigrationException(
                    $"the database has migration `{name}` of `{source}`, which this program does not know; run a newer version of the program");
            if (!file.Checksum.AsSpan().SequenceEqual(checksum))
            {
                throw new MigrationException(
                    $"migration `{name}` of `{source}` was changed after it was applied; restore the file and add a new migration instead");
            }
        }

        var last = applied.Count is 0 ? 0 : applied.Keys.Max();
        if (files.FirstOrDefault(file => file.Number < last && !applied.ContainsKey(file.Number)) is { } late)
        {
            throw new MigrationException($"migration `{late.Name}` of `{source}` has a lower number than one already applied; give it the next number");
        }
    }

    private static async Task EnsureTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using (var exists = new NpgsqlCommand(MigrationTableExists, connection))
            {
                if (await exists.ExecuteScalarAsync(cancellationToken) is true && await LockRowExistsAsync(connection, cancellationToken))
                {
                    return;
                }
            }

            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await using var create = new NpgsqlCommand(CreateMigrationTables, connection, transaction);
                await create.ExecuteNonQueryAsync(cancellationToken);
                await transaction.CommitAsync(CancellationToken.None);
                return;
            }
            catch (PostgresException e) when (attempt < 10 && e.SqlState is PostgresErrorCodes.UniqueViolation
                or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema or PostgresErrorCodes.DuplicateObject
                or PostgresErrorCodes.DeadlockDetected or "XX000")
            {
                // IF NOT EXISTS does not guard against another node that creates the same at the same moment ("tuple concurrently updated" is XX000).
            }
        }
    }

    private static async Task<bool> LockRowExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand("SELECT id FROM log.migration_lock WHERE id = 1", connection);
        return await select.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "applied migration {Name} of {Source}")]
        public static partial void Applied(ILogger logger, string source, string name);
    }
}
