using System.Diagnostics;
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
    private const string OwnPrefix = "test-";

    private static readonly Lazy<Task<EmbeddedPostgres>> Server = new(StartAsync);
    private static readonly Lazy<bool> Swept = new(SweepFolders);
    private static int databases;
    private static int folders;

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

    /// <summary>A path that no server uses yet. What a killed test process left under such a path is ended and deleted by the next one.</summary>
    public static string NewFolder()
    {
        _ = Swept.Value;
        return Path.Combine(EmbeddedPostgresOptions.Root, $"{OwnPrefix}{Environment.ProcessId}-{Interlocked.Increment(ref folders)}");
    }

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

    private static bool SweepFolders()
    {
        if (!Directory.Exists(EmbeddedPostgresOptions.Root))
        {
            return false;
        }

        foreach (var folder in Directory.GetDirectories(EmbeddedPostgresOptions.Root, OwnPrefix + "*"))
        {
            if (IsAlive(Path.GetFileName(folder).Split('-')[1]))
            {
                continue;
            }

            var cluster = Path.Combine(folder, "data");
            foreach (var process in Process.GetProcessesByName("postgres").Where(process => WorksIn(process, cluster)))
            {
                process.Kill();
            }

            Delete(folder);
        }

        return true;
    }

    private static bool WorksIn(Process process, string folder)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process.Id}/cwd", false)?.FullName == folder;
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return false;
        }
    }

    // A zombie still has its folder in /proc, but no memory any more.
    private static bool IsAlive(string process) =>
        File.Exists($"/proc/{process}/status") && File.ReadLines($"/proc/{process}/status").Any(line => line.StartsWith("VmSize:", StringComparison.Ordinal));

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
