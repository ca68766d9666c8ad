using Exchange.EventStore.Embedded;
using Exchange.Testing;
using Npgsql;

namespace Exchange.EventStore.Tests.Embedded;

public sealed class EmbeddedPostgresTests
{
    [Fact]
    public async Task A_started_server_answers_keeps_checksums_and_runs_unprivileged()
    {
        var server = await TestPostgres.ServerAsync();

        var connectionString = await TestPostgres.CreateDatabaseAsync("first");

        Assert.Equal("on", await ScalarAsync(connectionString, "SHOW data_checksums"));
        Assert.Equal("on", await ScalarAsync(connectionString, "SHOW fsync"));
        Assert.Equal("", await ScalarAsync(connectionString, "SHOW listen_addresses"));
        Assert.Equal("UTF8", await ScalarAsync(connectionString, "SHOW server_encoding"));
        var user = File.ReadLines($"/proc/{server.ProcessId}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.NotEqual("0", user);
    }

    private static async Task<string?> ScalarAsync(string connectionString, string statement)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(statement);
        return (string?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
