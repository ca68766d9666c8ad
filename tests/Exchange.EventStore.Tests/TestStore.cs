using System.Text;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Migrations;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.EventStore.Tests;

/// <summary>A migrated database of its own and the logs (nodes) opened on it.</summary>
public sealed class TestStore : IAsyncDisposable
{
    private readonly List<EventLog> logs = [];
    private readonly string folder = Directory.CreateTempSubdirectory("exchange-store-").FullName;

    private TestStore(string connectionString)
    {
        ConnectionString = connectionString;
        Database = NpgsqlDataSource.Create(connectionString);
    }

    public string ConnectionString { get; }

    /// <summary>Plain connections for what a test looks at or breaks.</summary>
    public NpgsqlDataSource Database { get; }

    public string KeyFile => Path.Combine(folder, "hub.key");

    public EventLogOptions Options => new() { ConnectionString = ConnectionString, KeyFile = KeyFile };

    public static async Task<TestStore> CreateAsync(string name) => await OnAsync(await TestPostgres.CreateDatabaseAsync(name));

    public static async Task<TestStore> OnAsync(string connectionString)
    {
        await Migrator.ApplyAsync(connectionString, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        return new TestStore(connectionString);
    }

    /// <summary>Opens one more node.</summary>
    public async Task<EventLog> OpenAsync(Func<EventLogOptions, EventLogOptions>? change = null, TimeProvider? time = null)
    {
        var options = (change ?? (same => same))(Options);
        var log = await EventLog.OpenAsync(options, time ?? TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        logs.Add(log);
        return log;
    }

    public async Task<T> ScalarAsync<T>(string query, params object[] values)
    {
        await using var command = Database.CreateCommand(query);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string statement)
    {
        await using var command = Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Holds a partition's lock, so that appends to it wait.</summary>
    public async Task<HeldPartition> HoldAsync(int partition)
    {
        var connection = await Database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("SELECT head FROM log.log_partition WHERE partition = $1 FOR UPDATE", connection, transaction) { Parameters = { new() { Value = partition } } };
        await command.ExecuteNonQueryAsync();
        return new HeldPartition(connection, transaction);
    }

    /// <summary>Returns when a session of this database waits for a lock.</summary>
    public Task UntilBlockedAsync() => UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())");

    /// <summary>Returns when a query's only value is true.</summary>
    public async Task UntilAsync(string query, params object[] values)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await ScalarAsync<bool>(query, values))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in logs)
        {
            await log.DisposeAsync();
        }

        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>A lock on a partition's head; released when disposed.</summary>
public sealed record HeldPartition(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }
}

/// <summary>Invented submissions.</summary>
public static class Appends
{
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static NewEvent Event(Guid stream, string payload = "payload", long? expected = null) => new(stream, "thing-happened", Bytes(payload)) { ExpectedVersion = expected };

    public static EventUnit Unit(int partition, params IReadOnlyList<NewEvent> events) =>
        new(partition, events) { Caller = "tax", Client = "tax-client", Outcome = Bytes($"outcome {Guid.NewGuid()}") };

    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, params IReadOnlyList<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    public static AppendSubmission Of(params IReadOnlyList<AppendUnit> units) => new() { Units = units };

    public static IdempotencyKey Key(string key, string content = "content", string client = "tax-client") => new(client, key, Bytes(content));

    public static Task<AppendResult> AppendAsync(
        this EventLog log, params IReadOnlyList<AppendUnit> units) => log.AppendAsync(Of(units), CancellationToken.None);

    public static Task<AppendResult> AppendAsync(this EventLog log, IdempotencyKey key, params IReadOnlyList<AppendUnit> units) =>
        log.AppendAsync(new AppendSubmission { Units = units, Key = key }, CancellationToken.None);
}
