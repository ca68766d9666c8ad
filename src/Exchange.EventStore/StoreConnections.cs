using Exchange.EventStore.Appending;
using Exchange.EventStore.Committing;
using Npgsql;

namespace Exchange.EventStore;

/// <summary>The pools of a node. Writers and readers differ in what their sessions promise.</summary>
internal sealed class StoreConnections : IAsyncDisposable
{
    private const string SetUpWriter = """
        SELECT set_config('synchronous_commit', coalesce(nullif($1, ''), current_setting('synchronous_commit')), false),
            set_config('lock_timeout', $2, false),
            set_config('statement_timeout', $3, false),
            set_config('idle_in_transaction_session_timeout', $4, false),
            set_config('enable_seqscan', 'off', false),
            set_config('enable_hashjoin', 'off', false),
            set_config('enable_mergejoin', 'off', false),
            set_config('enable_material', 'off', false),
            set_config('plan_cache_mode', 'force_generic_plan', false),
            set_config('jit', 'off', false)
        """;

    private const string SetUpReader = """
        SELECT set_config('enable_seqscan', 'off', false),
            set_config('plan_cache_mode', 'force_generic_plan', false),
            set_config('jit', 'off', false)
        """;

    public StoreConnections(EventLogOptions options)
    {
        // Every query of an append finds its rows by key. A plan made while a table was empty would scan it when it is large, and another
        // kind of join would read more than the rows asked for.
        Writer = Build(
            options,
            settings =>
            {
                // A commit is never cancelled: cancelling its wait for a standby would be reported as success.
                settings.CancellationTimeout = -1;
                // The server's own timeouts come first; this one is for a server that does not answer at all.
                settings.CommandTimeout = (int)Math.Ceiling(options.StatementTimeout.TotalSeconds) + 10;

                // Which command of a batch failed tells whether the commit had run.
                settings.IncludeFailedBatchedCommand = true;
                settings.NoResetOnClose = true;

                // Each appender keeps its connection for good; others come and go.
                settings.MaxPoolSize = Math.Max(settings.MaxPoolSize, options.Appenders + AppendRouter.OtherAppenders + 4);

                // Governance may write nothing for hours: then a firewall forgets the connection, and the next command would wait for a server that hears nothing.
                settings.KeepAlive = 30;
                settings.MaxAutoPrepare = 100;
                settings.AutoPrepareMinUsages = 2;

                // A block of rows (CopyRows) goes out with the head of its message, not behind it: one call to the system instead of two.
                settings.WriteBufferSize = CopyRows.BlockBytes + 1024;
                settings.ApplicationName = "exchange appender";
            },
            connection => SetUp(
                connection,
                SetUpWriter,
                options.IsUnsafe ? "" : "on",
                Milliseconds(options.LockTimeout),
                Milliseconds(options.StatementTimeout),
                Milliseconds(options.IdleInTransactionTimeout)));
        Reader = Build(
            options,
            settings =>
            {
                // Nothing is prepared: readers leave at any moment, and Npgsql takes a statement whose preparing was broken off for prepared.
                settings.NoResetOnClose = true;

                // With Npgsql's own 8 KiB it would go to the system for every twenty events of a page.
                settings.ReadBufferSize = 1 << 16;
                settings.ApplicationName = "exchange reader";
            },
            connection => SetUp(connection, SetUpReader));
        Plain = Build(options, settings => settings.ApplicationName = "exchange", null);
    }

    /// <summary>For appends only.</summary>
    public NpgsqlDataSource Writer { get; }

    /// <summary>For reads of the log by key.</summary>
    public NpgsqlDataSource Reader { get; }

    /// <summary>For anything else: default session, no prepared statements.</summary>
    public NpgsqlDataSource Plain { get; }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Reader.DisposeAsync();
        await Plain.DisposeAsync();
    }

    private static NpgsqlDataSource Build(EventLogOptions options, Action<NpgsqlConnectionStringBuilder> change, Func<NpgsqlConnection, NpgsqlCommand>? setUp)
    {
        var builder = new NpgsqlDataSourceBuilder(options.ConnectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.Enlist = false;
        settings.HostRecheckSeconds = 1;
        if (setUp is not null)
        {
            builder.UsePhysicalConnectionInitializer(
                connection =>
                {
                    using var command = setUp(connection);
                    command.ExecuteNonQuery();
                },
                async connection =>
                {
                    await using var command = setUp(connection);
                    await command.ExecuteNonQueryAsync();
                });
        }

        change(settings);

        // Npgsql follows a failover among several hosts only when told what to look for.
        return settings.Host?.Contains(',', StringComparison.Ordinal) is true
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    private static NpgsqlCommand SetUp(NpgsqlConnection connection, string statement, params IEnumerable<string> values)
    {
        var command = new NpgsqlCommand(statement, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        }

        return command;
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
