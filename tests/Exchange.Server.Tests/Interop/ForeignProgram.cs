using System.Collections.Concurrent;
using System.Diagnostics;
using Exchange.Server.Tests.Clients;

namespace Exchange.Server.Tests.Interop;

/// <summary>A program in another language as its README starts it: the settings in its environment, for which hub and client it runs.</summary>
internal sealed class ForeignProgram
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly SemaphoreSlim Generating = new(1);
    private static string? _generated;

    private readonly string[] _command;
    private readonly Dictionary<string, string> _environment;

    private ForeignProgram(string[] command, Dictionary<string, string> environment) => (_command, _environment) = (command, environment);

    /// <summary>The sample in a language, `python` or `javascript`; skips the test where its packages are not installed.</summary>
    public static async Task<ForeignProgram> SampleAsync(string language) => language switch
    {
        "python" => new(["/usr/bin/python3", Path.Combine(ClientHub.Root, "samples", "python", "department.py")], new() { ["PYTHONPATH"] = await GeneratePythonAsync(), ["PYTHONDONTWRITEBYTECODE"] = "1" }),
        "javascript" => Node(Path.Combine(ClientHub.Root, "samples", "javascript", "department.js")),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "python or javascript"),
    };

    /// <summary>A script for Node.js with gRPC's packages.</summary>
    public static ForeignProgram Node(string script)
    {
        NodeProgram.Require("@grpc/grpc-js");
        return new(["node", script], new() { ["NODE_PATH"] = Path.Combine(ClientHub.Root, "tests", "npm", "node_modules") });
    }

    /// <summary>The program with one more setting.</summary>
    public ForeignProgram With(string name, string value) => new(_command, new(_environment) { [name] = value });

    /// <summary>The program for a client of a hub.</summary>
    public ForeignProgram For(Uri grpc, Uri tokenEndpoint, string client, string keyFile) =>
        With("EXCHANGE_HUB", grpc.ToString()).With("EXCHANGE_TOKEN_ENDPOINT", tokenEndpoint.ToString()).With("EXCHANGE_CLIENT", client).With("EXCHANGE_KEY", keyFile);

    /// <summary>Runs it to its end: exit code and the lines of its standard output and error.</summary>
    public async Task<(int ExitCode, string[] Output, string[] Errors)> RunAsync(params string[] arguments)
    {
        await using var run = Start(arguments);
        return (await run.EndAsync(), run.Output, run.Errors);
    }

    /// <summary>Runs it; fails with what it complains of.</summary>
    public async Task<string[]> DoneAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);
        Assert.True(exitCode is 0, string.Join('\n', errors));
        return output;
    }

    /// <summary>Starts it; it is killed when the test is done with it.</summary>
    public Run Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(_command[0], [.. _command[1..], .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        return new Run(Process.Start(start)!);
    }

    // As samples/python/README.md has it, once for all tests.
    private static async Task<string> GeneratePythonAsync()
    {
        await Generating.WaitAsync();
        try
        {
            if (_generated is null)
            {
                await new ForeignProgram(["/bin/sh", "-c"], []).RequireAsync("/usr/bin/python3 -c 'import grpc, jwt, cryptography' && command -v protoc && command -v grpc_python_plugin");
                var folder = Directory.CreateTempSubdirectory("python-protos-").FullName;
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
                await new ForeignProgram(["/bin/sh", Path.Combine(ClientHub.Root, "samples", "python", "generate.sh")], []).DoneAsync(folder);
                _generated = folder;
            }

            return _generated;
        }
        finally
        {
            Generating.Release();
        }
    }

    private async Task RequireAsync(string check) => Assert.SkipUnless(
        (await RunAsync(check)).ExitCode is 0,
        "python3-grpcio, python3-jwt, python3-cryptography, protobuf-compiler or protobuf-compiler-grpc is not installed; `./exchange test` installs them as root where apt is there");

    /// <summary>A running program.</summary>
    internal sealed class Run : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _output = [];
        private readonly ConcurrentQueue<string> _errors = [];

        internal Run(Process process)
        {
            _process = process;
            process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
            process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public string[] Output => [.. _output];

        public string[] Errors => [.. _errors];

        public bool HasEnded => _process.HasExited;

        /// <summary>Waits for its end: its exit code.</summary>
        public async Task<int> EndAsync()
        {
            using var deadline = new CancellationTokenSource(Deadline);
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }

            _process.Dispose();
        }

        private static void Keep(ConcurrentQueue<string> lines, string? line)
        {
            if (line is not null)
            {
                lines.Enqueue(line);
            }
        }
    }
}
