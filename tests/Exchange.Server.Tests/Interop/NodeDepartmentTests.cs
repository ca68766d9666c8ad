using System.Text.Json;
using Exchange.Server.Tests.Clients;

namespace Exchange.Server.Tests.Interop;

/// <summary>A client in another language, made of the public protos and another gRPC library.</summary>
public sealed class NodeDepartmentTests
{
    [Fact]
    public async Task A_department_in_node_takes_a_token_pushes_pulls_and_follows()
    {
        NodeProgram.Require("@grpc/grpc-js");
        await using var hub = await ClientHub.StartAsync("node");
        var (id, key) = await hub.RegisterKeyAsync("hotline");
        var keyFile = Path.Combine(hub.Hub.Options.DataDirectory, "node-key.pem");
        await File.WriteAllTextAsync(keyFile, key.ToPem(), TestContext.Current.CancellationToken);

        var result = await NodeProgram.RunAsync("Interop/node/department.mjs", "", ClientHub.Root, hub.Hub.Node.Addresses.Grpc.ToString(), hub.Hub.Node.Addresses.TokenEndpoint.ToString(), id, keyFile);

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
}
