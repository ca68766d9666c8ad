using Exchange.EventStore;
using Npgsql;

namespace Exchange.Server.Hosting;

/// <summary>Gives a store that was restored from a backup a new generation, so that no reader goes on from a checkpoint of what is lost.</summary>
internal static class GenerationRenewal
{
    // A running node has read the old generation and would go on to hand it out.
    private const string CountNodes = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name IN ('exchange', 'exchange appender', 'exchange reader')
        """;

    /// <summary>Renews it. Throws <see cref="HubStartException"/> while a node runs on the database, or when it holds no store of a hub.</summary>
    public static async Task<Guid> RunAsync(HubOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        await using var database = await HubDatabase.OpenAsync(options, loggers, new StartComplaints(options.Unsafe), needsKeys: false, cancellationToken);
        try
        {
            await using var command = database.Source.CreateCommand(CountNodes);
            if (await command.ExecuteScalarAsync(cancellationToken) is > 0L)
            {
                throw new HubStartException("nodes of the hub run on this database; stop them all first");
            }

            return await StoreGeneration.RenewAsync(database.ConnectionString, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable)
        {
            throw new HubStartException("this database holds no store of a hub; restore the backup first", e);
        }
        catch (NpgsqlException e)
        {
            throw new HubStartException($"the database does not answer: {e.Message}", e);
        }
    }
}
