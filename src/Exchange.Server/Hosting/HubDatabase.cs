using Exchange.EventStore.Embedded;
using Npgsql;

namespace Exchange.Server.Hosting;

/// <summary>The hub's database: the one of the connection string, or a private PostgreSQL that stops with the hub.</summary>
public sealed class HubDatabase : IAsyncDisposable
{
    // The statements find rows by key. A plan made while a table was small would scan it when it is large. What takes seconds waits for a lock or for a
    // database in trouble; its callers come again, and those behind them get their turn.
    private const string SetUpLookups = """
        SELECT set_config('enable_seqscan', 'off', false),
            set_config('enable_hashjoin', 'off', false),
            set_config('enable_mergejoin', 'off', false),
            set_config('enable_material', 'off', false),
            set_config('plan_cache_mode', $1, false),
            set_config('jit', 'off', false),
            set_config('lock_timeout', '3s', false),
            set_config('statement_timeout', '10s', false)
        """;

    /// <summary>Lookups of one table at a time: while the database reads for one, the other makes records of rows.</summary>
    public static readonly int LookupsPerTable = Math.Clamp(Environment.ProcessorCount / 2, 2, 4);

    // Enough for ten tables at once: one that is locked takes no more than its own.
    private static readonly int MostLookups = 10 * LookupsPerTable;

    private readonly EmbeddedPostgres? embedded;

    private HubDatabase(string connectionString, NpgsqlDataSource source, NpgsqlDataSource lookups, EmbeddedPostgres? embedded)
    {
        ConnectionString = connectionString;
        Source = source;
        Lookups = lookups;
        this.embedded = embedded;
    }

    /// <summary>For components that open their own connections.</summary>
    public string ConnectionString { get; }

    /// <summary>Connections of the features. A cancelled commit is never taken for a success; with several hosts the primary is used.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>
    /// Connections that find rows by key with statements that stay prepared. For those who read a query to its end, whatever their callers do: Npgsql
    /// takes a statement whose preparing was broken off for prepared.
    /// </summary>
    public NpgsqlDataSource Lookups { get; }

    /// <summary>Folder of a private PostgreSQL's files on this machine; null when the database is elsewhere.</summary>
    public string? LocalDirectory => embedded?.ClusterDirectory;

    /// <summary>
    /// Opens the database. Throws <see cref="HubStartException"/> with all complaints: those there are, and what speaks against the database. A private
    /// PostgreSQL, whose settings are the hub's own, is not started only to be asked.
    /// </summary>
    /// <param name="options">The hub's settings.</param>
    /// <param name="loggers">For the database's own lines.</param>
    /// <param name="complaints">Those there are already.</param>
    /// <param name="needsKeys">True when the store is to be opened, so that its hub key must be here.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<HubDatabase> OpenAsync(
        HubOptions options, ILoggerFactory loggers, StartComplaints complaints, bool needsKeys, CancellationToken cancellationToken)
    {
        if (options.ConnectionString is null)
        {
            complaints.ThrowIfAny();
        }

        var database = options.ConnectionString is { } given
            ? complaints.Try(() => Connect(given, null, options, loggers))
            : await StartEmbeddedAsync(options, loggers, cancellationToken);
        try
        {
            if (database is not null)
            {
                await DatabaseSafety.CheckAsync(database.Source, complaints, needsKeys ? options : null, cancellationToken);
            }

            complaints.ThrowIfAny();
            return database!;
        }
        catch
        {
            if (database is not null)
            {
                await database.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Closes the connections and stops a private PostgreSQL.</summary>
    public ValueTask DisposeAsync() => DisposeAsync(null);

    /// <summary>As the other; a private PostgreSQL that has not written everything down by then is ended, and recovers at its next start.</summary>
    public async ValueTask DisposeAsync(TimeSpan? patience)
    {
        await Lookups.DisposeAsync();
        await Source.DisposeAsync();
        if (embedded is not null)
        {
            await using (embedded)
            {
                if (patience is { } given)
                {
                    await embedded.StopAsync(given, CancellationToken.None);
                }
            }
        }
    }

    private static async Task<HubDatabase> StartEmbeddedAsync(HubOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            var embedded = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataDirectory = options.DataDirectory }, loggers.CreateLogger<EmbeddedPostgres>(), cancellationToken);
            try
            {
                return Connect(await embedded.CreateDatabaseAsync("hub", cancellationToken), embedded, options, loggers);
            }
            catch
            {
                await embedded.DisposeAsync();
                throw;
            }
        }
        catch (EmbeddedPostgresException e)
        {
            throw new HubStartException(e.Message, e);
        }
    }

    private static HubDatabase Connect(string connectionString, EmbeddedPostgres? embedded, HubOptions options, ILoggerFactory loggers)
    {
        // Citus cannot plan a join whose partition is unknown, as it is in a generic plan.
        var planCacheMode = options.OnePartitionPerTransaction ? "auto" : "force_generic_plan";
        try
        {
            return new HubDatabase(connectionString, Build(connectionString, loggers, Page), Build(connectionString, loggers, builder => LookUp(builder, planCacheMode)), embedded);
        }
        catch (ArgumentException e)
        {
            // The parser's own message may quote a password.
            throw new HubStartException("the connection string is not one of Npgsql's, for example `Host=db;Database=hub;Username=hub`", e);
        }
    }

    private static NpgsqlDataSource Build(string connectionString, ILoggerFactory loggers, Action<NpgsqlDataSourceBuilder> change)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.CancellationTimeout = -1;
        settings.ApplicationName ??= "exchange-hub";
        builder.UseLoggerFactory(loggers);
        change(builder);
        return settings.Host?.Contains(',', StringComparison.Ordinal) is true
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    // The usual 8 KiB hold twenty records, and each filling is a system call and a wake-up.
    private static void Page(NpgsqlDataSourceBuilder builder) => builder.ConnectionStringBuilder.ReadBufferSize = 64 * 1024;

    private static void LookUp(NpgsqlDataSourceBuilder builder, string planCacheMode)
    {
        var settings = builder.ConnectionStringBuilder;
        settings.MaxAutoPrepare = 50;
        settings.AutoPrepareMinUsages = 2;
        settings.NoResetOnClose = true;
        settings.MaxPoolSize = Math.Max(settings.MinPoolSize, Math.Min(settings.MaxPoolSize, MostLookups));
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = SetUp(connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = SetUp(connection);
                await command.ExecuteNonQueryAsync();
            });

        NpgsqlCommand SetUp(NpgsqlConnection connection) => new(SetUpLookups, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = planCacheMode } } };
    }
}
