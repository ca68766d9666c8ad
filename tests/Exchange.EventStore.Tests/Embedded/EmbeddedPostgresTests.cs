using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Exchange.EventStore.Embedded;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.EventStore.Tests.Embedded;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresTests : IAsyncDisposable
{
    private readonly string folder = TestPostgres.NewFolder();
    private readonly List<EmbeddedPostgres> servers = [];

    [Fact]
    public async Task A_started_server_has_checksums_durable_settings_and_no_network_address()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("first");

        Assert.Equal("on", await ScalarAsync(connectionString, "SHOW data_checksums"));
        Assert.Equal("on", await ScalarAsync(connectionString, "SHOW fsync"));
        Assert.Equal("on", await ScalarAsync(connectionString, "SHOW full_page_writes"));
        Assert.Equal("on", await ScalarAsync(connectionString, "SHOW synchronous_commit"));
        Assert.Equal("", await ScalarAsync(connectionString, "SHOW listen_addresses"));
        Assert.Equal("UTF8", await ScalarAsync(connectionString, "SHOW server_encoding"));
        Assert.Equal("C", await ScalarAsync(connectionString, "SELECT datcollate FROM pg_database WHERE datname = current_database()"));
        Assert.Equal("-1", new NpgsqlConnectionStringBuilder(connectionString).CancellationTimeout.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_server_never_runs_as_root_and_only_its_user_may_enter_the_socket_and_the_data()
    {
        var server = await TestPostgres.ServerAsync();

        var user = File.ReadLines($"/proc/{server.ProcessId}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.NotEqual("0", user);
        var private700 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(private700, File.GetUnixFileMode(server.ClusterDirectory));
        Assert.Equal(private700, File.GetUnixFileMode(Path.Combine(server.DataDirectory, "run")));
    }

    [Fact]
    public async Task A_stopped_server_is_gone_and_the_next_start_has_its_data()
    {
        var first = await StartAsync();
        await StoreAsync(first, "kept");
        var process = first.ProcessId;

        await first.DisposeAsync();

        Assert.Empty(ServerProcesses.LivingIn(first.ClusterDirectory));
        Assert.False(File.Exists(Path.Combine(first.ClusterDirectory, "postmaster.pid")));
        var second = await StartAsync();
        Assert.NotEqual(process, second.ProcessId);
        Assert.Equal("kept", await StoredAsync(second));
    }

    [Fact]
    public async Task A_server_that_a_killed_hub_left_is_taken_over_with_its_connections()
    {
        var first = await StartAsync();
        await StoreAsync(first, "kept");
        await using var connection = new NpgsqlConnection(first.ConnectionString("shop"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        first.Abandon();
        var second = await StartAsync();

        Assert.Equal(first.ProcessId, second.ProcessId);
        Assert.Equal("kept", await StoredAsync(second));
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_left_server_with_other_settings_is_stopped_and_started_anew()
    {
        var first = await StartAsync();
        await StoreAsync(first, "kept");
        var process = first.ProcessId;

        first.Abandon();
        var second = await StartAsync(new() { ["max_connections"] = "37" });

        Assert.NotEqual(process, second.ProcessId);
        Assert.Equal("37", await ScalarAsync(second.ConnectionString("shop"), "SHOW max_connections"));
        Assert.Equal("kept", await StoredAsync(second));
    }

    [Fact]
    public async Task A_left_server_that_is_frozen_is_ended_and_started_anew()
    {
        var first = await StartAsync();
        await StoreAsync(first, "kept");
        var process = first.ProcessId;

        first.Abandon();
        await SignalAsync("STOP", first.ProcessId);
        var second = await StartAsync(answerTimeout: TimeSpan.FromSeconds(1));

        Assert.NotEqual(process, second.ProcessId);
        Assert.Equal("kept", await StoredAsync(second));
    }

    [Fact]
    public async Task Files_of_a_dead_server_are_removed_and_what_was_committed_is_there()
    {
        var first = await StartAsync();
        await StoreAsync(first, "kept");

        await first.KillAsync(TestContext.Current.CancellationToken);
        first.Abandon();
        Assert.True(File.Exists(Path.Combine(first.ClusterDirectory, "postmaster.pid")));
        var second = await StartAsync();

        Assert.Equal("kept", await StoredAsync(second));
    }

    [Fact]
    public async Task A_pid_file_that_names_somebody_elses_process_harms_neither()
    {
        var first = await StartAsync();
        await first.KillAsync(TestContext.Current.CancellationToken);
        first.Abandon();
        using var innocent = Process.Start(new ProcessStartInfo("sleep", ["600"]))!;
        var pidFile = Path.Combine(first.ClusterDirectory, "postmaster.pid");
        await File.WriteAllLinesAsync(pidFile, [$"{innocent.Id}", .. (await File.ReadAllLinesAsync(pidFile)).Skip(1)]);

        var second = await StartAsync();

        Assert.NotEqual(innocent.Id, second.ProcessId);
        Assert.False(innocent.HasExited);
        innocent.Kill();
    }

    [Fact]
    public async Task Children_of_a_killed_postmaster_do_not_stand_in_the_way()
    {
        var first = await StartAsync();
        await StoreAsync(first, "kept");
        var living = ServerProcesses.LivingIn(first.ClusterDirectory);

        first.Abandon();
        await SignalAsync("KILL", first.ProcessId);
        var second = await StartAsync();

        Assert.Equal("kept", await StoredAsync(second));
        Assert.Empty(living.Intersect(ServerProcesses.LivingIn(first.ClusterDirectory)));
    }

    [Fact]
    public async Task Killed_and_restarted_it_has_everything_that_was_committed()
    {
        var server = await StartAsync();
        await StoreAsync(server, "kept");

        await server.KillAsync(TestContext.Current.CancellationToken);
        Assert.Empty(ServerProcesses.LivingIn(server.ClusterDirectory));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => StoredAsync(server));
        await server.RestartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("kept", await StoredAsync(server));
    }

    [Fact]
    public async Task A_dropped_database_is_gone_although_somebody_is_connected()
    {
        var server = await TestPostgres.ServerAsync();
        var connectionString = await server.CreateDatabaseAsync("to_drop", TestContext.Current.CancellationToken);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        await server.DropDatabaseAsync("to_drop", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(connectionString, "SELECT 'x'"));
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, error.SqlState);
    }

    [Fact]
    public async Task What_a_statement_quotes_does_not_reach_the_log()
    {
        var server = await StartAsync();
        await StoreAsync(server, "Invented Person");

        foreach (var statement in new[] { "INSERT INTO item VALUES ('Invented Person')", "SELECT 'Invented Person'::int::text" })
        {
            await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(server.ConnectionString("shop"), statement));
        }

        await server.StopAsync(TestContext.Current.CancellationToken);
        var log = await File.ReadAllTextAsync(server.LogFile);
        Assert.Contains("ready to accept connections", log);
        Assert.DoesNotContain("Invented Person", log);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
            await ServerProcesses.KillAsync(server.ClusterDirectory, CancellationToken.None);
        }

        TestPostgres.Delete(folder);
    }

    private async Task<EmbeddedPostgres> StartAsync(Dictionary<string, string>? settings = null, TimeSpan? answerTimeout = null)
    {
        var options = new EmbeddedPostgresOptions { DataDirectory = folder, Settings = settings ?? [] };
        options = answerTimeout is { } timeout ? options with { AnswerTimeout = timeout } : options;
        var server = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken);
        servers.Add(server);
        return server;
    }

    private static async Task StoreAsync(EmbeddedPostgres server, string value)
    {
        await server.CreateDatabaseAsync("shop", TestContext.Current.CancellationToken);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("shop") + ";Pooling=false");
        await using var command = source.CreateCommand("CREATE TABLE item (name text PRIMARY KEY)");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var insert = source.CreateCommand("INSERT INTO item (name) VALUES ($1)");
        insert.Parameters.AddWithValue(value);
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static Task<string?> StoredAsync(EmbeddedPostgres server) => ScalarAsync(server.ConnectionString("shop"), "SELECT name FROM item");

    private static async Task<string?> ScalarAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        return (string?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/kill", [$"-{signal}", "--", process.ToString(CultureInfo.InvariantCulture)]))!;
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
