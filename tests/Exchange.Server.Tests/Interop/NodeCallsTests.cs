using System.Text.Json;
using Exchange.Server.Tests.Clients;

namespace Exchange.Server.Tests.Interop;

/// <summary>What the sample program in JavaScript does not call, called from there: health, reflection, the unary push, a search.</summary>
public sealed class NodeCallsTests
{
    [Fact]
    public async Task Health_reflection_the_unary_push_and_a_search_are_to_be_had_from_node()
    {
        var script = ForeignProgram.Node(Path.Combine(ClientHub.Root, "tests", "Interop", "node", "calls.js"));
        await using var hub = await ClientHub.StartAsync("node");
        var (id, key) = await hub.RegisterKeyAsync("hotline");
        var keyFile = Path.Combine(hub.Hub.Options.DataDirectory, "node-key.pem");
        await File.WriteAllTextAsync(keyFile, key.ToPem(), TestContext.Current.CancellationToken);

        var output = await script.For(hub.Hub.Node.Addresses.Grpc, new Uri(hub.Hub.Node.Addresses.TokenEndpoint), id, keyFile).DoneAsync();

        var result = JsonElement.Parse(Assert.Single(output));
        Assert.Equal("SERVING", result.GetProperty("health").GetString());
        Assert.Contains("exchange.v1.RecordsService", Texts(result.GetProperty("services")));
        Assert.Equal("RECORD_OUTCOME_ACCEPTED", result.GetProperty("pushed").GetString());
        Assert.Equal("RECORD_OUTCOME_ACCEPTED", result.GetProperty("again").GetString());
        var refused = result.GetProperty("refused");
        Assert.Equal((3, "BAD_REQUEST"), (refused.GetProperty("code").GetInt32(), refused.GetProperty("reason").GetString()));
        Assert.Contains("UNKNOWN_FIELD", Texts(refused.GetProperty("fields")));
        Assert.Equal(["node-1", "小区漏水 🏚"], Texts(Assert.Single(result.GetProperty("rows").EnumerateArray())));
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
