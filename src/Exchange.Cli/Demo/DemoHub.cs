using System.Diagnostics;
using Exchange.Cli.Terminal;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Exchange.Cli.Demo;

/// <summary>The hub that the demo starts, in a process of its own, and stops.</summary>
internal sealed class DemoHub : IAsyncDisposable
{
    private static readonly TimeSpan _startPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StreamWriter _log;

    private DemoHub(Process process, StreamWriter log, string logPath)
    {
        (_process, _log, LogPath) = (process, log, logPath);

        // Read, but kept nowhere: an enrolment code stands there.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Log(line.Data);
    }

    /// <summary>Where it is.</summary>
    public HubFolder Place { get; private set; } = new();

    /// <summary>What it logs goes here.</summary>
    public string LogPath { get; }

    /// <summary>Completes when the hub has ended, by itself or because it was asked to.</summary>
    public Task Ended => _process.WaitForExitAsync(CancellationToken.None);

    /// <summary>Starts the program that EXCHANGE_SERVER names on a data folder and waits until it serves.</summary>
    public static async Task<DemoHub> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var program = Environment.GetEnvironmentVariable("EXCHANGE_SERVER")
            ?? throw new UsageException("EXCHANGE_SERVER must name the hub's program; start the demo with `./exchange demo`, which sets it");
        if (HubFolder.Read(folder) is { Grpc: not null } there && await IsServingAsync(there, cancellationToken))
        {
            throw new UsageException($"a hub runs in `{folder}` already (process {there.ProcessId}); stop it first, or choose another folder with --data-dir");
        }

        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var isLibrary = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        start.FileName = isLibrary ? Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet" : program;
        foreach (var argument in (string[])[.. isLibrary ? [program] : Array.Empty<string>(), "--data-directory", folder, "--grpc-address", "http://127.0.0.1:0", "--http-address", "http://127.0.0.1:0"])
        {
            start.ArgumentList.Add(argument);
        }

        var logPath = Path.Combine(folder, "demo-hub.log");
        var log = new StreamWriter(logPath) { AutoFlush = true };
        var hub = new DemoHub(Process.Start(start) ?? throw new UsageException($"`{program}` does not start"), log, logPath);
        try
        {
            hub._process.BeginOutputReadLine();
            hub._process.BeginErrorReadLine();
            await hub.WaitAsync(folder, cancellationToken);
            return hub;
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the hub to stop and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.AskToEnd(_process);
            using var patience = new CancellationTokenSource(_stopPatience);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
        lock (_log)
        {
            _log.Dispose();
        }
    }

    private static async Task<bool> IsServingAsync(HubFolder place, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(place.Grpc!);
        try
        {
            var answer = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow.AddSeconds(5), cancellationToken: cancellationToken);
            return answer.Status is HealthCheckResponse.Types.ServingStatus.Serving;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private async Task WaitAsync(string folder, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < _startPatience)
        {
            if (_process.HasExited)
            {
                break;
            }

            if (HubFolder.Read(folder) is { Grpc: not null } place && place.ProcessId == _process.Id && await IsServingAsync(place, cancellationToken))
            {
                Place = place;
                return;
            }

            await Task.Delay(100, cancellationToken);
        }

        _process.WaitForExit(100);
        lock (_log)
        {
            _log.Flush();
        }

        throw new UsageException($"the hub did not start; the end of its log ({LogPath}) says why:\n{string.Join('\n', File.ReadLines(LogPath).TakeLast(5))}");
    }

    private void Log(string? line)
    {
        lock (_log)
        {
            if (line is not null && _log.BaseStream.CanWrite)
            {
                _log.WriteLine(line);
            }
        }
    }
}
