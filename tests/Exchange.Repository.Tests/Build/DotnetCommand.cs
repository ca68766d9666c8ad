using System.Diagnostics;
using System.Text.Json;

namespace Exchange.Repository.Tests.Build;

/// <summary>Runs <c>dotnet</c> in this checkout and asks MSBuild what a project evaluates to.</summary>
internal static class DotnetCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>The folder of <c>DataExchange.sln</c>.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>What a project's items of some types include, with full paths, and its properties; evaluation only, nothing is built.</summary>
    internal static async Task<Evaluation> EvaluateAsync(string project, params string[] properties)
    {
        var (exitCode, output) = await RunAsync([
            "msbuild", Path.Combine(Root, project), "-getItem:ProjectReference,PackageReference", "-getProperty:IsPackable,PackageId,Version",
            .. properties.Select(property => $"-p:{property}")]);
        Assert.True(exitCode is 0, output);
        using var json = JsonDocument.Parse(output);
        var items = json.RootElement.GetProperty("Items");
        return new Evaluation(
            [.. items.GetProperty("ProjectReference").EnumerateArray().Select(item => Path.GetFullPath(item.GetProperty("FullPath").GetString()!))],
            [.. items.GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)],
            json.RootElement.GetProperty("Properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()!));
    }

    /// <summary>Exit code and everything printed, errors after output.</summary>
    internal static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        // A test run started by `dotnet test` hands down variables that point MSBuild at that run.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) && name != "MSBUILDDISABLENODEREUSE").ToList())
        {
            start.Environment.Remove(name);
        }

        using var limit = new CancellationTokenSource(Limit);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests run outside a checkout: no DataExchange.sln above them");
    }

    /// <summary>What a project evaluates to.</summary>
    internal sealed record Evaluation(
        IReadOnlyList<string> ProjectReferences, IReadOnlyList<string> PackageReferences, IReadOnlyDictionary<string, string> Properties);
}
