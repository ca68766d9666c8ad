using System.Diagnostics;
using System.Text.Json;
using Exchange.Server.Tests.Clients;

namespace Exchange.Server.Tests.Interop;

/// <summary>A client in another language, made of the public protos and another gRPC library.</summary>
public sealed class NodeDepartmentTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_department_in_node_takes_a_token_pushes_pulls_and_follows()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(ClientHub.Root, "tests", "npm", "node_modules", "@grpc", "grpc-js")), "grpc-js is not installed in tests/npm; `./exchange test` installs it where npm is there");
        await using var hub = await ClientHub.StartAsync("node");
        var (id, key) = await hub.RegisterKeyAsync("hotline");
        var keyFile = Path.Combine(hub.Hub.Options.DataDirectory, "node-key.pem");
        await File.WriteAllTextAsync(keyFile, key.ToPem(), TestContext.Current.CancellationToken);

        var result = await RunAsync(hub.Hub.Node.Addresses.Grpc.ToString(), hub.Hub.Node.Addresses.TokenEndpoint.ToString(), id, keyFile);

        Assert.Equal("SERVING", result.GetProperty("health").GetString());
        Assert.Contains("exchange.v1.RecordsService", Texts(result.GetProperty("services")));
        Assert.Equal(Enumerable.Repeat("RECORD_OUTCOME_ACCEPTED", 3), Texts(result.GetProperty("outcomes")));
        Assert.Equal("RECORD_OUTCOME_ACCEPTED", result.GetProperty("again").GetString());
        Assert.Equal(3, result.GetProperty("refused").GetProperty("code").GetInt32());
        Assert.Contains("UNKNOWN_FIELD", result.GetProperty("refused").GetProperty("details").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            [["node-1", "小区漏水 🏚"], ["node-2", "小区漏水 🏚"], ["node-3", "小区漏水 🏚"]], result.GetProperty("rows").EnumerateArray().Select(Texts).ToArray());
        Assert.Equal(3, result.GetProperty("changes").GetArrayLength());
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        string[] all = [Path.Combine(ClientHub.Root, "tests", "Interop", "node", "department.mjs"), ClientHub.Root, .. arguments];
        using var node = Process.Start(new ProcessStartInfo("node", all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
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
