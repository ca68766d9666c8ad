using System.Diagnostics;
using System.Runtime.Versioning;
using Exchange.EventStore.Embedded;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.EventStore.Tests.Embedded;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresLogTests
{
    [Fact]
    public async Task A_log_that_grows_while_the_server_runs_is_put_aside_and_goes_on()
    {
        const long Largest = 5_000;
        var folder = TestPostgres.NewFolder();
        var options = new EmbeddedPostgresOptions { DataDirectory = folder, LargestLog = Largest, LogInterval = TimeSpan.FromMilliseconds(50) };
        await using (var server = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken))
        {
            var began = Stopwatch.StartNew();
            while (!File.Exists(server.LogFile + ".1") || new FileInfo(server.LogFile).Length > Largest)
            {
                Assert.True(began.Elapsed < TimeSpan.FromSeconds(60), "the log was never put aside");
                await FailAsync(server);
            }

            // Appended to the emptied file, at its new end.
            await FailAsync(server);
            Assert.Contains("ready to accept connections", await File.ReadAllTextAsync(server.LogFile + ".1"));
            Assert.InRange(new FileInfo(server.LogFile).Length, 1, 2 * Largest);
            Assert.DoesNotContain('\0', await File.ReadAllTextAsync(server.LogFile));
        }

        TestPostgres.Delete(folder);
    }

    // A line in the log: somebody asks for a database that is not there.
    private static async Task FailAsync(EmbeddedPostgres server)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("missing") + ";Pooling=false");
        await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(TestContext.Current.CancellationToken));
    }
}
