using System.Diagnostics;
using System.Text.Json;

namespace Exchange.Server.Tests.Clients;

/// <summary>Runs the command line as people and scripts do: as a process.</summary>
internal sealed record CliProcess(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    /// <summary>Standard output as JSON, one value a line.</summary>
    public IReadOnlyList<JsonElement> Json => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    /// <summary>How to start it, with its output to be read.</summary>
    public static ProcessStartInfo Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "exchange.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["EXCHANGE_SERVER"] = Path.Combine(AppContext.BaseDirectory, "Exchange.Server.dll");
        return start;
    }

    public static Task<CliProcess> RunAsync(string folder, params string[] arguments) => RunAsync(folder, _patience, arguments);

    /// <summary>As a person at it would: what it asks for is given line by line, by what it printed so far.</summary>
    public static async Task<CliProcess> TalkAsync(string folder, string configuration, Func<StreamReader, StreamWriter, Task> talk, params string[] arguments)
    {
        var start = Start(folder, arguments);
        start.RedirectStandardInput = true;
        start.Environment["XDG_CONFIG_HOME"] = configuration;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await talk(process.StandardOutput, process.StandardInput).WaitAsync(_patience, TestContext.Current.CancellationToken);
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None).WaitAsync(_patience, TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(_patience, TestContext.Current.CancellationToken);
            return new CliProcess(process.ExitCode, output, await error);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>As above, for what takes longer.</summary>
    public static async Task<CliProcess> RunAsync(string folder, TimeSpan patience, params string[] arguments)
    {
        using var process = Process.Start(Start(folder, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CliProcess(process.ExitCode, await output, await error);
    }
}
