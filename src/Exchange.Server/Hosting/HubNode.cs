using System.Net.Sockets;
using Exchange.EventStore;
using Exchange.EventStore.Migrations;
using Exchange.EventStore.Sealing;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;
using Npgsql;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Exchange.Server.Hosting;

/// <summary>One running node of the hub, in this process. Several may run on one database.</summary>
public sealed partial class HubNode : IAsyncDisposable
{
    /// <summary>How long calls may finish once the node stops; streams are told at once.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(6);

    // All of it takes less than 10 s: this, two seconds to kill what does not stop, and one for a busy machine.
    private static readonly TimeSpan WholeShutdown = TimeSpan.FromSeconds(7);

    // For the log at least, also when the calls took all the time: it mostly closes at once.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);

    private static readonly MigrationSource Migrations = new("server", typeof(HubNode).Assembly);

    private readonly HubOptions options;
    private readonly HubDatabase database;
    private readonly ILoggerFactory loggers;
    private EventLog? log;
    private WebApplication? application;
    private long? stopBegan;
    private bool isDisposed;

    private HubNode(HubOptions options, HubDatabase database, ILoggerFactory loggers)
    {
        this.options = options;
        this.database = database;
        this.loggers = loggers;
    }

    /// <summary>Where this node is.</summary>
    public HubAddresses Addresses => Services.GetRequiredService<HubAddresses>();

    /// <summary>What is unsafe on this node and was accepted.</summary>
    public UnsafeSettings Unsafe => Services.GetRequiredService<UnsafeSettings>();

    /// <summary>The node's services; for tests and the bench.</summary>
    public IServiceProvider Services => application!.Services;

    /// <summary>Logs as one JSON object a line on standard error, with the `Logging` section of appsettings.json.</summary>
    public static ILoggerFactory CreateLoggers(IConfiguration configuration) => LoggerFactory.Create(logging =>
    {
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning);

        // The edge logs each call itself, in one line, and faults with their correlation id.
        logging.AddFilter("Grpc", LogLevel.Critical);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddJsonConsole();
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    /// <summary>
    /// Starts a node: opens the database, brings it up to date, listens. Throws <see cref="HubStartException"/> with what to do when it cannot.
    /// </summary>
    public static Task<HubNode> StartAsync(HubOptions options, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        StartAsync(options, loggers, _ => { }, _ => { }, cancellationToken);

    /// <summary>As <see cref="StartAsync(HubOptions, ILoggerFactory, CancellationToken)"/>, with services and endpoints of a test's own beside the features.</summary>
    internal static async Task<HubNode> StartAsync(
        HubOptions options, ILoggerFactory loggers, Action<IServiceCollection> add, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        loggers = new ValueFreeLoggers(loggers);

        // All of it before anything is written: a refused start changes nothing in the database.
        var complaints = new StartComplaints(options.Unsafe);
        if (options.ExternalIssuer?.Departments.Contains(options.OperatorDepartment) is true)
        {
            complaints.Add($"department `{options.OperatorDepartment}` runs the hub: its callers are the hub's own, not those of the external issuer");
        }

        HubAddresses.Check(options, complaints);
        var endpoints = HubEndpoints.Open(options, complaints);
        var firstKey = new FirstSigningKey(SigningKey.ReadFile(options, complaints));
        KeyFiles.Check(options, complaints);
        if (options.Limits.Any(rule => rule.Method is not null))
        {
            // What methods there are is known once all are mapped.
            await using var whole = Build(options, loggers, null, services => add(services.AddSingleton(complaints.Accepted)), map);
            whole.CheckLimits(complaints);
        }

        var node = new HubNode(options, await HubDatabase.OpenAsync(options, loggers, complaints, needsKeys: true, cancellationToken), loggers);
        try
        {
            await node.OpenLogAsync(cancellationToken);
            await node.StartApplicationAsync(endpoints, services => add(services.AddSingleton(firstKey).AddSingleton(complaints.Accepted)), map, cancellationToken);
            node.WriteHubFile();
            if (node.Unsafe.Settings.Count > 0)
            {
                Log.Unsafe(loggers.CreateLogger<HubNode>(), node.Unsafe);
            }

            return node;
        }
        catch (Exception e)
        {
            await node.DisposeAsync();
            if (e is NpgsqlException)
            {
                throw new HubStartException($"the database does not answer: {e.Message}", e);
            }

            if (e is AddressInUseException or SocketException or IOException { InnerException: AddressInUseException })
            {
                throw new HubStartException($"cannot listen: {e.Message}; another hub may be running, or give other addresses", e);
            }

            throw;
        }
    }

    /// <summary>While no operator is enrolled, a new enrolment code of the first user, good until the next one; else null.</summary>
    internal Task<string?> NewEnrolmentCodeAsync(CancellationToken cancellationToken) => Services.GetRequiredService<FirstUser>().NewCodeAsync(cancellationToken);

    /// <summary>Returns when the node was asked to stop, by SIGTERM or SIGINT; throws what stopped it when it cannot go on.</summary>
    public async Task WaitForShutdownAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = application!.Lifetime.ApplicationStopping.Register(asked.SetResult);
        await asked.Task;
        stopBegan = Stopwatch.GetTimestamp();
        await StopApplicationAsync();
        if (Services.GetServices<IHostedService>().OfType<BackgroundService>().FirstOrDefault(service => service.ExecuteTask is { IsFaulted: true }) is { } broken)
        {
            await broken.ExecuteTask!;
        }
    }

    /// <summary>Stops the node: it reports NOT_SERVING, ends streams with a status they can resume from, finishes calls, then lets go of the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
        {
            return;
        }

        stopBegan ??= Stopwatch.GetTimestamp();
        TimeSpan Left() => WholeShutdown - Stopwatch.GetElapsedTime(stopBegan.Value);
        try
        {
            HubFile.Delete(options.DataDirectory);
            if (application is not null)
            {
                await StopApplicationAsync();
                await application.DisposeAsync();
            }

            if (log is not null)
            {
                await CloseLogAsync(log, Left() - TimeSpan.FromSeconds(1));
            }
        }
        finally
        {
            // Whatever does not stop: a private PostgreSQL must not be left behind.
            await database.DisposeAsync(Left());
        }
    }

    private async Task StopApplicationAsync()
    {
        using var patience = new CancellationTokenSource(ShutdownTimeout);
        try
        {
            await application!.StopAsync(patience.Token);
        }
        catch (Exception e) when (patience.IsCancellationRequested && e is OperationCanceledException or AggregateException)
        {
            Log.Late(loggers.CreateLogger<HubNode>(), ShutdownTimeout);
        }
    }

    // Appends that wait for a database that does not answer would wait on.
    private async Task CloseLogAsync(EventLog closing, TimeSpan patience)
    {
        var closed = closing.DisposeAsync().AsTask();
        try
        {
            await closed.WaitAsync(patience > Least ? patience : Least);
        }
        catch (TimeoutException)
        {
            Log.Late(loggers.CreateLogger<HubNode>(), ShutdownTimeout);
        }
    }

    private async Task OpenLogAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Migrator.ApplyAsync(database.ConnectionString, [Migrations], options.Clock, loggers.CreateLogger(typeof(Migrator)), cancellationToken);
            var settings = new EventLogOptions
            {
                ConnectionString = database.ConnectionString,
                KeyFile = HubSecrets.FileOf(options),
                DiskSpace = options.DiskSpace ?? (database.LocalDirectory is { } folder ? new VolumeSpace(folder) : null),
                IsUnsafe = options.Unsafe.Contains(UnsafeSetting.SynchronousCommit),
                OnePartitionPerTransaction = options.OnePartitionPerTransaction,
            };

            // Governance and audit have half of it each.
            settings = settings with { MaxQueuedBytes = options.QueueBytes / (settings.Appenders + 1) };
            log = await EventLog.OpenAsync(settings, options.Clock, loggers, cancellationToken);
        }
        catch (Exception e) when (e is MigrationException or HubKeyException)
        {
            throw new HubStartException(e.Message, e);
        }
    }

    private async Task StartApplicationAsync(
        HubEndpoints endpoints, Action<IServiceCollection> add, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        application = Build(
            options,
            loggers,
            endpoints,
            services => add(services.AddSingleton(database).AddSingleton(database.Source).AddSingleton(log!)),
            map);
        await application.StartAsync(cancellationToken);
    }

    // Without endpoints, and the store that comes with what is added, it can be looked at, not started.
    private static WebApplication Build(HubOptions options, ILoggerFactory loggers, HubEndpoints? endpoints, Action<IServiceCollection> add, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(options.Clock);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<HubAddresses>();
        builder.Services.AddSingleton<HubSecrets>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => endpoints?.Configure(kestrel));
        Program.AddFeatures(builder);
        add(builder.Services);
        var application = builder.Build();
        Program.MapFeatures(application);
        map(application);
        return application;
    }

    private void WriteHubFile()
    {
        new HubFile
        {
            Grpc = Addresses.Grpc.ToString().TrimEnd('/'),
            Http = Addresses.Http.ToString().TrimEnd('/'),
            Issuer = Addresses.Issuer,
            TokenEndpoint = Addresses.TokenEndpoint,
            ProcessId = Environment.ProcessId,
            OperatorClient = options.OperatorClient.Value,
            OperatorKeyFile = Services.GetRequiredService<OperatorAccount>().KeyFile,
        }.Write(options.DataDirectory);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "not everything stopped within {Patience}; what still runs is cut off")]
        public static partial void Late(ILogger logger, TimeSpan patience);

        [LoggerMessage(2, LogLevel.Warning, "this node runs on settings that are not safe, as --unsafe accepts: {Settings}")]
        public static partial void Unsafe(ILogger logger, UnsafeSettings settings);
    }
}
