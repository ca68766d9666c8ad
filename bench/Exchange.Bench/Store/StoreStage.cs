using Exchange.Bench.Limits;
using Exchange.EventStore;
using Exchange.EventStore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Bench.Store;

/// <summary>An event store alone, in this process: no hub, no subject tables.</summary>
public sealed class StoreStage : IAsyncDisposable
{
    private StoreStage(string connectionString, EventLog log, NpgsqlDataSource plain) => (ConnectionString, Log, Plain) = (connectionString, log, plain);

    /// <summary>Its database.</summary>
    public string ConnectionString { get; }

    /// <summary>The store.</summary>
    public EventLog Log { get; }

    /// <summary>Plain connections to the same database, for the limits.</summary>
    public NpgsqlDataSource Plain { get; }

    /// <summary>Makes the store's tables in an empty database and opens it, with the options a hub has.</summary>
    public static async Task<StoreStage> OpenAsync(string connectionString, string keyFile, CancellationToken cancellationToken)
    {
        await Migrator.ApplyAsync(connectionString, [MigrationSource.EventStore], TimeProvider.System, NullLogger.Instance, cancellationToken);
        var log = await EventLog.OpenAsync(
            new EventLogOptions { ConnectionString = connectionString, KeyFile = keyFile }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        return new StoreStage(connectionString, log, LimitSql.Source(connectionString));
    }

    /// <summary>Closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await Plain.DisposeAsync();
    }
}
