using System.Reflection;
using Exchange.EventStore.Embedded;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(TestPostgres.Ending))]

namespace Exchange.Testing;

/// <summary>
/// One real PostgreSQL per test process, started at first use and ended with it; each test class takes a database of its own. Durable
/// settings, because what the tests check are promises.
/// </summary>
public static class TestPostgres
{
    private static readonly Lazy<Task<EmbeddedPostgres>> Server = new(StartAsync);
    private static int databases;

    /// <summary>The server of this test process. Do not kill or stop it: fault tests start their own with <see cref="StartOwnAsync"/>.</summary>
    public static Task<EmbeddedPostgres> ServerAsync() => Server.Value;

    /// <summary>Makes an empty database whose name begins with the given one, and returns its connection string.</summary>
    public static async Task<string> CreateDatabaseAsync(string name)
    {
        var server = await Server.Value;
        var unique = $"{name[..Math.Min(name.Length, 40)]}_{Environment.ProcessId}_{Interlocked.Increment(ref databases)}";
        return await server.CreateDatabaseAsync(unique, CancellationToken.None);
    }

    /// <summary>Starts a server of the test's own, in an empty folder; the test disposes it and then calls <see cref="Delete"/> with its folder.</summary>
    public static Task<EmbeddedPostgres> StartOwnAsync(IReadOnlyDictionary<string, string>? settings = null) =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = NewFolder(), Settings = settings ?? new Dictionary<string, string>() },
            NullLogger.Instance,
            CancellationToken.None);

    /// <summary>A path that no server uses yet.</summary>
    public static string NewFolder() => EmbeddedPostgresOptions.DirectoryFor(Guid.NewGuid().ToString());

    /// <summary>Deletes a stopped server's folder.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<EmbeddedPostgres> StartAsync()
    {
        // A fixed folder per test project: what a killed run left is taken over here. A second run at the same time takes the next one.
        var name = $"{EmbeddedPostgresOptions.Checkout}/tests/{Assembly.GetExecutingAssembly().GetName().Name}";
        for (var slot = 0; ; slot++)
        {
            var options = new EmbeddedPostgresOptions
            {
                DataDirectory = EmbeddedPostgresOptions.DirectoryFor($"{name}/{slot}"),
                Settings = new Dictionary<string, string> { ["max_connections"] = "200" },
            };
            try
            {
                return await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None);
            }
            catch (EmbeddedPostgresException e) when (slot < 8 && e.InnerException is IOException)
            {
                // That folder is another run's.
            }
        }
    }

    /// <summary>Stops the server and deletes its folder after the last test of the process.</summary>
    public sealed class Ending : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (Server.IsValueCreated && Server.Value.IsCompletedSuccessfully)
            {
                var server = await Server.Value;
                await server.DisposeAsync();
                Delete(server.DataDirectory);
            }
        }
    }
}
