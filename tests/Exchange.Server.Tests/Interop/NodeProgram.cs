using System.Diagnostics;
using System.Text.Json;
using Exchange.Server.Tests.Clients;

namespace Exchange.Server.Tests.Interop;

/// <summary>Programs in Node.js, with the packages of tests/npm.</summary>
internal static class NodeProgram
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Skips the test where a package is not installed.</summary>
    public static void Require(string package) => Assert.SkipUnless(
        Directory.Exists(Path.Combine(ClientHub.Root, "tests", "npm", "node_modules", package)), $"{package} is not installed in tests/npm; `./exchange test` installs it where npm is there");

    /// <summary>Runs a script of the folder <c>tests</c> and returns the JSON that it prints; fails with what it complains of.</summary>
    public static async Task<JsonElement> RunAsync(string script, string input, params string[] arguments)
    {
        string[] all = [Path.Combine(ClientHub.Root, "tests", script), .. arguments];
        using var node = Process.Start(new ProcessStartInfo("node", all) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await node.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            node.StandardInput.Close();
            var (output, errors) = (node.StandardOutput.ReadToEndAsync(deadline.Token), node.StandardError.ReadToEndAsync(deadline.Token));
            await node.WaitForExitAsync(deadline.Token);
            Assert.True(node.ExitCode is 0, await errors);
            return JsonDocument.Parse(await output).RootElement.Clone();
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill();
            }
        }
    }
}
