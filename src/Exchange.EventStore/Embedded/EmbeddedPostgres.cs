using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.EventStore.Embedded;

/// <summary>
/// A private PostgreSQL that lives and dies with the hub, reachable by a Unix socket only. What a killed hub left running is taken over by
/// the next one. One at a time per data folder. Linux only.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const string SuperUser = "exchange";

    private readonly EmbeddedPostgresOptions options;
    private readonly ILogger logger;
    private readonly ServerAccount account;
    private readonly PostgresBinaries binaries;
    private readonly PostgresFolder folder;
    private readonly ServerLog log;
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource end = new();
    private Task trimming = Task.CompletedTask;
    private int? postmaster;
    private bool isDisposed;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, ILogger logger, ServerAccount account, PostgresBinaries binaries, PostgresFolder folder)
    {
        this.options = options;
        this.logger = logger;
        this.account = account;
        this.binaries = binaries;
        this.folder = folder;
        log = new ServerLog(folder.Log, account, options.LargestLog);
    }

    /// <summary>Folder of this private server. PostgreSQL's own files are in <see cref="ClusterDirectory"/>.</summary>
    public string DataDirectory => folder.Path;

    /// <summary>What PostgreSQL calls its data directory.</summary>
    public string ClusterDirectory => folder.Cluster;

    /// <summary>The server's log; statements and values are kept out of it.</summary>
    public string LogFile => folder.Log;

    /// <summary>Major version of the server, for example 15.</summary>
    public int MajorVersion => binaries.MajorVersion;

    /// <summary>Number of the postmaster's process. Throws when the server is stopped.</summary>
    public int ProcessId => postmaster ?? throw new InvalidOperationException("the private postgresql is stopped");

    /// <summary>
    /// Starts the private server, making its cluster the first time; takes over a running server that a killed hub left, if it has the same
    /// settings. Throws <see cref="EmbeddedPostgresException"/> with what to do: no programs, another major version, another hub, no start.
    /// </summary>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new EmbeddedPostgresException("the private postgresql runs on Linux only; give the hub a connection string");
        }

        var account = ServerAccount.ForThisProcess();
        var path = await PostgresFolder.ResolveAsync(options, account, cancellationToken);
        var binaries = await PostgresBinaries.FindAsync(options, account, PostgresFolder.ReadClusterMajor(path), cancellationToken);
        var folder = await PostgresFolder.OpenAsync(path, account, cancellationToken);
        var server = new EmbeddedPostgres(options, logger, account, binaries, folder);
        try
        {
            await server.EnsureClusterAsync(cancellationToken);
            await server.StartServerAsync(cancellationToken);
            server.trimming = server.TrimLogAsync(server.end.Token);
            return server;
        }
        catch
        {
            server.Abandon();
            throw;
        }
    }

    /// <summary>Npgsql connection string for one database, with the settings writers need: a cancelled commit is never taken for a success.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = folder.SocketDirectory,
        Username = SuperUser,
        Database = database,
        CancellationTimeout = -1,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>Makes a database if there is none of this name, and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync($"CREATE DATABASE {Quote(name)} TEMPLATE template0", options.AnswerTimeout, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase)
        {
            // As asked for: it is there.
        }

        return ConnectionString(name);
    }

    /// <summary>Drops a database if it is there, with whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string name, CancellationToken cancellationToken) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {Quote(name)} WITH (FORCE)", options.AnswerTimeout, cancellationToken);

    /// <summary>
    /// Stops the server: open transactions are rolled back, everything is written down, within <see cref="EmbeddedPostgresOptions.StopTimeout"/>. Does
    /// nothing when it is stopped.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken) => StopAsync(options.StopTimeout, cancellationToken);

    /// <summary>As the other, within this time (at least a second) and about another second in which whatever is left is killed.</summary>
    public async Task StopAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await StopServerAsync(patience, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>For fault tests: ends the postmaster and all its children at once with SIGKILL and returns when they are gone.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await ServerProcesses.KillAsync(folder.Cluster, cancellationToken);
            postmaster = null;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Starts the server again after <see cref="KillAsync"/> or <see cref="StopAsync(CancellationToken)"/>, and returns when it answers. A running one is kept.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            await StartServerAsync(cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops the server and frees the data folder for another hub.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        try
        {
            await end.CancelAsync();
            await trimming;
            await StopAsync(CancellationToken.None);
        }
        finally
        {
            Abandon();
        }
    }

    /// <summary>Lets go of the data folder without stopping the server: what the kernel does for a killed hub. For tests.</summary>
    internal void Abandon()
    {
        isDisposed = true;
        end.Cancel();
        end.Dispose();
        folder.Dispose();
        turn.Dispose();
    }

    private async Task EnsureClusterAsync(CancellationToken cancellationToken)
    {
        if (folder.ClusterMajor is { } made)
        {
            if (made != binaries.MajorVersion.ToString(CultureInfo.InvariantCulture))
            {
                throw new EmbeddedPostgresException(
                    $"the data in `{folder.Cluster}` was made by PostgreSQL {made}, but the programs in `{binaries.Directory}` are PostgreSQL {binaries.MajorVersion}; "
                    + $"set EXCHANGE_POSTGRES_BIN to the programs of version {made}, or bring that folder, and nothing else of `{folder.Path}`, to version "
                    + $"{binaries.MajorVersion} with pg_upgrade before the hub starts: docs/running-a-hub.md, \"PostgreSQL's next major version\", has the steps");
            }

            return;
        }

        // Made beside its place and moved there when complete: what a killed initdb left is nobody's data.
        var fresh = folder.Cluster + ".new";
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        Log.MakingCluster(logger, folder.Cluster, binaries.MajorVersion);
        await account.CreatePrivateDirectoryAsync(fresh, cancellationToken);
        var (exitCode, output) = await account.RunAsync(
            binaries.Program("initdb"),
            ["-D", fresh, "--data-checksums", "--encoding=UTF8", "--locale=C", $"--username={SuperUser}", "--auth-local=trust", "--auth-host=reject"],
            cancellationToken);
        if (exitCode is not 0)
        {
            throw new EmbeddedPostgresException($"cannot make a database cluster in `{fresh}`: {output}");
        }

        Directory.Move(fresh, folder.Cluster);
    }

    private async Task StartServerAsync(CancellationToken cancellationToken)
    {
        if (await TakeOverAsync(cancellationToken))
        {
            return;
        }

        folder.RemoveStaleFiles();
        await log.BeginRunAsync(cancellationToken);
        var settings = string.Join(' ', Settings().Select(argument => $"'{argument}'"));
        var seconds = ((int)options.StartTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        try
        {
            var started = Stopwatch.StartNew();
            var (exitCode, output) = await account.RunAsync(
                binaries.Program("pg_ctl"), ["start", "-D", folder.Cluster, "-l", folder.Log, "-w", "-t", seconds, "-s", "-o", settings], cancellationToken);
            postmaster = ServerProcesses.Postmaster(folder.Cluster);
            if (exitCode is not 0 || postmaster is null)
            {
                throw new EmbeddedPostgresException($"postgresql does not start in `{folder.Cluster}`: {output}\n{log.LastLines(20)}");
            }

            await WaitUntilItAnswersAsync(options.StartTimeout, cancellationToken);
            Log.Started(logger, binaries.MajorVersion, ProcessId, folder.Path, started.ElapsedMilliseconds);
        }
        catch
        {
            // Half-started is not a state anybody can use.
            await ServerProcesses.KillAsync(folder.Cluster, CancellationToken.None);
            postmaster = null;
            throw;
        }
    }

    /// <summary>True when a server with the same programs and settings runs here and answers. Any other server here is ended first.</summary>
    private async Task<bool> TakeOverAsync(CancellationToken cancellationToken)
    {
        postmaster = ServerProcesses.Postmaster(folder.Cluster);
        if (postmaster is not { } id)
        {
            // Children whose postmaster was killed end by themselves, but nobody may start beside them.
            await ServerProcesses.KillAsync(folder.Cluster, cancellationToken);
            return false;
        }

        if (ServerProcesses.Arguments(id).SequenceEqual([binaries.Program("postgres"), "-D", folder.Cluster, .. Settings()]))
        {
            try
            {
                await WaitUntilItAnswersAsync(options.AnswerTimeout, cancellationToken);
                Log.TookOver(logger, id, folder.Path);
                return true;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                // It would not listen to a polite stop either. What it committed is in its log, and the next start recovers it.
                Log.DoesNotAnswer(logger, e, id);
                await ServerProcesses.KillAsync(folder.Cluster, cancellationToken);
                return false;
            }
        }

        Log.StopsForeign(logger, id, folder.Path);
        await StopServerAsync(options.StopTimeout, cancellationToken);
        return false;
    }

    private async Task StopServerAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (ServerProcesses.Postmaster(folder.Cluster) is { } id)
        {
            // Fast: roll back and write down. Immediate: the next start recovers from the log, nothing committed is lost. What is left is killed, which
            // comes to the same.
            foreach (var (mode, seconds) in new[] { ("fast", Math.Max(1, (int)patience.TotalSeconds)), ("immediate", 1) })
            {
                var (exitCode, output) = await account.RunAsync(
                    binaries.Program("pg_ctl"),
                    ["stop", "-D", folder.Cluster, "-m", mode, "-w", "-t", seconds.ToString(CultureInfo.InvariantCulture), "-s"],
                    cancellationToken);
                if (exitCode is 0)
                {
                    Log.Stopped(logger, id);
                    break;
                }

                Log.DoesNotStop(logger, id, mode, output);
            }
        }

        await ServerProcesses.KillAsync(folder.Cluster, cancellationToken);
        postmaster = null;
    }

    private async Task TrimLogAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.LogInterval);
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                await log.TrimAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is EmbeddedPostgresException or IOException or System.ComponentModel.Win32Exception)
            {
                // Looked at again; the database is not to stop for its log.
                Log.LogStaysLarge(logger, e);
            }
        }
    }

    private async Task WaitUntilItAnswersAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            while (true)
            {
                try
                {
                    await ExecuteAsync("SELECT 1", patience, deadline.Token);
                    return;
                }
                catch (NpgsqlException e) when (e.IsTransient && ServerProcesses.Postmaster(folder.Cluster) == postmaster)
                {
                    // 57P03, cannot_connect_now: it recovers from a crash.
                    await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
                }
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"postgresql process {postmaster} did not answer within {patience}", e);
        }
    }

    private async Task ExecuteAsync(string statement, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        // Npgsql's handshake with a frozen server heeds this timeout and not the token.
        var seconds = (int)Math.Clamp(connectTimeout.TotalSeconds, 1, 15);
        await using var connection = new NpgsqlConnection($"{ConnectionString("postgres")};Pooling=false;Timeout={seconds}");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private IReadOnlyList<string> Settings() => ServerSettings.Arguments(folder, options.Settings);

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "making a database cluster in {Cluster} with PostgreSQL {MajorVersion}")]
        public static partial void MakingCluster(ILogger logger, string cluster, int majorVersion);

        [LoggerMessage(2, LogLevel.Information, "started PostgreSQL {MajorVersion} as process {ProcessId} in {Folder} in {Milliseconds} ms")]
        public static partial void Started(ILogger logger, int majorVersion, int processId, string folder, long milliseconds);

        [LoggerMessage(3, LogLevel.Information, "took over the running PostgreSQL process {ProcessId} in {Folder}")]
        public static partial void TookOver(ILogger logger, int processId, string folder);

        [LoggerMessage(4, LogLevel.Warning, "the running PostgreSQL process {ProcessId} does not answer and is killed")]
        public static partial void DoesNotAnswer(ILogger logger, Exception exception, int processId);

        [LoggerMessage(5, LogLevel.Information, "stops the PostgreSQL process {ProcessId} in {Folder}: it has other programs or settings")]
        public static partial void StopsForeign(ILogger logger, int processId, string folder);

        [LoggerMessage(6, LogLevel.Information, "stopped the PostgreSQL process {ProcessId}")]
        public static partial void Stopped(ILogger logger, int processId);

        [LoggerMessage(7, LogLevel.Warning, "the PostgreSQL process {ProcessId} does not stop in mode {Mode}: {Output}")]
        public static partial void DoesNotStop(ILogger logger, int processId, string mode, string output);

        [LoggerMessage(8, LogLevel.Warning, "the log of PostgreSQL is over its limit and cannot be put aside")]
        public static partial void LogStaysLarge(ILogger logger, Exception exception);
    }
}
