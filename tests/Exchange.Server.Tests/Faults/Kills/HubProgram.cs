using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Exchange.Server.Hosting;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>
/// The real hub as a process of its own, which a test kills and starts again on the same ports. As under a supervisor, a hub that ends by itself
/// while its database is away is started again.
/// </summary>
internal sealed class HubProgram : IAsyncDisposable
{
    private const int SigTerm = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<string> lines = new();
    private readonly List<string> arguments;
    private readonly string connectionString;
    private Process? process;

    private HubProgram(string connectionString, IEnumerable<string> settings)
    {
        this.connectionString = connectionString;
        DataDirectory = Directory.CreateTempSubdirectory("hub-program-").FullName;
        Grpc = new Uri($"http://127.0.0.1:{FreePort()}");
        Http = new Uri($"http://127.0.0.1:{FreePort()}");
        arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Exchange.Server.dll"),
            "--data-directory", DataDirectory, "--grpc-address", Grpc.ToString(), "--http-address", Http.ToString(), .. settings,
        ];
    }

    /// <summary>Folder of its key files.</summary>
    public string DataDirectory { get; }

    /// <summary>Where it serves gRPC.</summary>
    public Uri Grpc { get; }

    /// <summary>Where it serves tokens.</summary>
    public Uri Http { get; }

    /// <summary>The hub's address for tokens.</summary>
    public Uri TokenEndpoint => new(Http, "/connect/token");

    /// <summary>Everything it wrote, over all its lives.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>Most memory its present life had resident so far, in bytes (VmHWM of proc(5)).</summary>
    public long PeakMemory => process is { } running
        ? 1024 * long.Parse(File.ReadLines($"/proc/{running.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
        : 0;

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    /// <summary>Starts the hub on a database and returns when it serves.</summary>
    public static async Task<HubProgram> StartAsync(string connectionString, params IEnumerable<string> settings)
    {
        var hub = new HubProgram(connectionString, settings);
        Assert.True(await hub.TryStartAsync(), "the hub does not start:\n" + string.Join('\n', hub.lines));
        return hub;
    }

    /// <summary>Starts it again after <see cref="KillAsync"/> and returns when it serves.</summary>
    public async Task StartAsync()
    {
        var began = Stopwatch.StartNew();
        while (!await TryStartAsync())
        {
            Assert.True(began.Elapsed < Patience, "the hub does not start:\n" + string.Join('\n', lines.TakeLast(30)));
        }
    }

    /// <summary>SIGKILL; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        if (process is { } running)
        {
            process = null;
            running.Kill();
            await running.WaitForExitAsync();
            running.Dispose();
        }
    }

    /// <summary>SIGTERM; returns how long it took until it was gone, as one that stops when asked.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        using var running = process ?? throw new InvalidOperationException("the hub does not run");
        process = null;
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, Signal(running.Id, SigTerm));
        await running.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, running.ExitCode);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    private async Task<bool> TryStartAsync()
    {
        var start = new ProcessStartInfo(Host(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("EXCHANGE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["EXCHANGE_CONNECTION_STRING"] = connectionString;

        // As on a larger machine: several appenders, so that a batch is committed in parts and receipts come in any order.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "8";
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new Process { StartInfo = start, EnableRaisingEvents = true };
        started.OutputDataReceived += (_, line) =>
        {
            Keep(line.Data);
            if (line.Data?.StartsWith("hub ready", StringComparison.Ordinal) is true)
            {
                ready.TrySetResult();
            }
        };
        started.ErrorDataReceived += (_, line) => Keep(line.Data);
        started.Start();
        Starts++;
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        await Task.WhenAny(ready.Task, started.WaitForExitAsync()).WaitAsync(Patience);
        if (ready.Task.IsCompleted)
        {
            process = started;
            return true;
        }

        started.Dispose();
        return false;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    // The runtime of this test process: `dotnet` need not be on the path.
    private static string Host()
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }

    // Below the range that the kernel gives to outgoing connections: a client that calls a hub that is away must not get its port.
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }
}
