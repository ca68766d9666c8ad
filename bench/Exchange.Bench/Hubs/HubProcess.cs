using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Exchange.Bench.Hubs;

/// <summary>The real hub as a process of its own, on a database given to it.</summary>
public sealed class HubProcess : IAsyncDisposable
{
    private readonly Process process;

    private HubProcess(Process process, Uri grpcAddress, Uri httpAddress, string dataDirectory)
    {
        this.process = process;
        (GrpcAddress, HttpAddress, DataDirectory) = (grpcAddress, httpAddress, dataDirectory);
    }

    /// <summary>Where it serves gRPC.</summary>
    public Uri GrpcAddress { get; }

    /// <summary>Where it serves tokens.</summary>
    public Uri HttpAddress { get; }

    /// <summary>Where its key files are.</summary>
    public string DataDirectory { get; }

    /// <summary>Processor time it has used.</summary>
    public TimeSpan Processor
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Memory it holds now, in MiB (resident set).</summary>
    public double ResidentMiB => StatusMiB("VmRSS:");

    /// <summary>Highest resident set since the start or since <see cref="ResetPeak"/>, in MiB.</summary>
    public double PeakMiB => StatusMiB("VmHWM:");

    /// <summary>Starts the hub and waits until it serves.</summary>
    public static async Task<HubProcess> StartAsync(string server, string connectionString, string dataDirectory, CancellationToken cancellationToken)
    {
        // One client on one address drives all the load there is.
        string[] limits = ["--limits", "client=1000000/second, address=1000000/second", "--most-streams", "20000"];
        string[] arguments = ["--data-directory", dataDirectory, "--grpc-address", "http://127.0.0.1:0", "--http-address", "http://127.0.0.1:0", .. limits];
        string[] program = server.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", server] : [server];
        var log = Path.Combine(dataDirectory, "hub.log");

        // Its log goes to a file, as under systemd: a pipe would have to be emptied by the very process that measures, line by line.
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" > /dev/null 2> \"$HUB_LOG\"", "hub", .. program, .. arguments]);
        start.Environment["HUB_LOG"] = log;
        start.Environment["EXCHANGE_CONNECTION_STRING"] = connectionString;
        var process = Process.Start(start) ?? throw new InvalidOperationException("the hub did not start");
        var file = Path.Combine(dataDirectory, "hub.json");
        for (var attempt = 0; ; attempt++)
        {
            if (process.HasExited || attempt > 600)
            {
                throw new InvalidOperationException($"the hub did not become ready; see {log}");
            }

            if (File.Exists(file))
            {
                using var hub = JsonDocument.Parse(await File.ReadAllTextAsync(file, cancellationToken));
                return new HubProcess(process, Address(hub, "grpc"), Address(hub, "http"), dataDirectory);
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Begins the peak anew.</summary>
    public void ResetPeak() => File.WriteAllText($"/proc/{process.Id}/clear_refs", "5");

    /// <summary>Stops it as an operator would.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var signal = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    private static Uri Address(JsonDocument hub, string prefix) => new(hub.RootElement.EnumerateObject()
        .First(p => p.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && p.Value.ValueKind is JsonValueKind.String).Value.GetString()!);

    private double StatusMiB(string key)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(line[key.Length..^2], CultureInfo.InvariantCulture) / 1024;
    }
}
