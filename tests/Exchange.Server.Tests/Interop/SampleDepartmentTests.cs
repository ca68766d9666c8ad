using System.Runtime.Versioning;
using System.Text.Json;
using Exchange.Server.Tests.Clients;
using Exchange.Server.Tests.Hosting;

namespace Exchange.Server.Tests.Interop;

/// <summary>The programs of samples/python and samples/javascript against a hub: made of the public protos and gRPC libraries of others, nothing of ours.</summary>
[SupportedOSPlatform("linux")]
public sealed class SampleDepartmentTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("python", false)]
    [InlineData("python", true)]
    [InlineData("javascript", false)]
    [InlineData("javascript", true)]
    public async Task A_department_takes_a_token_pushes_pulls_follows_and_is_told_why_it_is_refused(string language, bool isTls)
    {
        var sample = await ForeignProgram.SampleAsync(language);
        await using var city = await ClientHub.StartAsync("sample");
        var folder = city.Hub.Options.DataDirectory;
        if (isTls)
        {
            sample = await OverTlsAsync(sample, city.Hub);
        }

        var hotline = await ProgramAsync(sample, city, "hotline", isTls);
        var housing = await ProgramAsync(sample, city, "housing", isTls);
        var copy = Path.Combine(folder, "copy.jsonl");
        var tickets = await TicketsAsync(folder, Ticket("t-1", "小区漏水 🏚"), Ticket("t-2", "street lamp"), Ticket("t-3", "noise", channel: "NO_SUCH_CHANNEL"));

        // A push, and the same again: the same receipt.
        var receipt = await hotline.DoneAsync("push", tickets, "day-1");
        Assert.Equal(["t-1 ACCEPTED", "t-2 ACCEPTED", "t-3 REJECTED"], receipt.Select(line => string.Join(' ', line.Split(' ')[..2])));
        Assert.Contains("channel UNKNOWN_CODE: ", receipt[2], StringComparison.Ordinal);
        Assert.Equal(receipt, await hotline.DoneAsync("push", tickets, "day-1"));

        await housing.DoneAsync("pull", copy);
        Assert.Equal(
            [("t-1", "小区漏水 🏚"), ("t-2", "street lamp")],
            (await LinesAsync(copy)).Select(line => line.GetProperty("values")).Select(values => (Text(values, "record_no"), Text(values, "title"))).Order());
        Assert.All(await LinesAsync(copy), line => Assert.StartsWith("2024-05-01T08:00:00", Text(line.GetProperty("values"), "accepted_at"), StringComparison.Ordinal));

        // A correction arrives, with what it changed; another program goes on behind it.
        var checkpoint = await File.ReadAllTextAsync(copy + ".checkpoint", TestContext.Current.CancellationToken);
        await using (var following = housing.Start("follow", copy))
        {
            await hotline.DoneAsync("push", await TicketsAsync(folder, Ticket("t-1", "the pipe is mended")), "day-2");
            var correction = (await UntilAsync(following, copy, lines => lines.Length > 2))[2];
            Assert.Equal(("CHANGED", receipt[0].Split(' ')[2]), (Text(correction, "change"), Text(correction, "record")));
            Assert.Equal([("title", "the pipe is mended")], correction.GetProperty("values").EnumerateObject().Select(value => (value.Name, value.Value.GetString()!)));
            await UntilAsync(following, copy, _ => File.ReadAllText(copy + ".checkpoint") != checkpoint);
        }

        await hotline.DoneAsync("push", await TicketsAsync(folder, Ticket("t-4", "a tree fell")), "day-3");
        await using (var following = housing.Start("follow", copy))
        {
            var opened = (await UntilAsync(following, copy, lines => lines.Length > 3))[^1];
            Assert.Equal(("ENTERED", "t-4"), (Text(opened, "change"), Text(opened.GetProperty("values"), "record_no")));
        }

        // Refusals, with their reasons.
        var foreign = await housing.RunAsync("push", tickets, "day-1");
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("PERMISSION_DENIED NOT_OWN_SOURCE_SYSTEM: ", string.Join('\n', foreign.Errors), StringComparison.Ordinal);
        var stranger = await hotline.With("EXCHANGE_CLIENT", "nobody").RunAsync("pull", copy);
        Assert.Equal(1, stranger.ExitCode);
        Assert.Contains("no token: 401 {\"error\":\"invalid_client\"", string.Join('\n', stranger.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("python")]
    [InlineData("javascript")]
    public async Task Following_goes_on_when_the_hub_was_away(string language)
    {
        var sample = await ForeignProgram.SampleAsync(language);
        await using var city = await ClientHub.StartAsync("sample");
        var folder = city.Hub.Options.DataDirectory;
        var (hotline, housing) = (await ProgramAsync(sample, city, "hotline"), await ProgramAsync(sample, city, "housing"));
        var copy = Path.Combine(folder, "copy.jsonl");
        await housing.DoneAsync("pull", copy);
        await using var following = housing.Start("follow", copy);
        await hotline.DoneAsync("push", await TicketsAsync(folder, Ticket("t-1", "before")), "day-1");
        await UntilAsync(following, copy, lines => lines.Length is 1);

        await city.Hub.RestartAsync();
        await hotline.DoneAsync("push", await TicketsAsync(folder, Ticket("t-2", "after")), "day-2");

        var changes = await UntilAsync(following, copy, lines => lines.Select(line => Text(line, "record")).Distinct().Count() is 2);
        Assert.Equal("t-2", Text(changes[^1].GetProperty("values"), "record_no"));
    }

    private static async Task<ForeignProgram> ProgramAsync(ForeignProgram sample, ClientHub city, string department, bool isTls = false)
    {
        var (id, key) = await city.RegisterKeyAsync(department);
        var keyFile = Path.Combine(city.Hub.Options.DataDirectory, id + ".pem");
        await File.WriteAllTextAsync(keyFile, key.ToPem(), TestContext.Current.CancellationToken);
        var addresses = city.Hub.Node.Addresses;
        return isTls ? sample.With("EXCHANGE_CLIENT", id).With("EXCHANGE_KEY", keyFile) : sample.For(addresses.Grpc, new Uri(addresses.TokenEndpoint), id, keyFile);
    }

    // Another node of the same hub, with a certificate that only those trust who are told to.
    private static async Task<ForeignProgram> OverTlsAsync(ForeignProgram sample, TestHub hub)
    {
        var (certificateFile, keyFile, _) = TestCertificate.Make(hub.Options.DataDirectory);
        var any = new Uri("https://127.0.0.1:0");
        var node = await hub.StartSecondNodeAsync(options => options with { GrpcAddress = any, HttpAddress = any, TlsCertificateFile = certificateFile, TlsKeyFile = keyFile });
        return sample.With("SSL_CERT_FILE", certificateFile).With("NODE_EXTRA_CA_CERTS", certificateFile)
            .With("EXCHANGE_HUB", node.Node.Addresses.Grpc.ToString()).With("EXCHANGE_TOKEN_ENDPOINT", new Uri(node.Node.Addresses.Http, "/connect/token").ToString());
    }

    private static string Ticket(string id, string title, string channel = "HOTLINE_12345") => JsonSerializer.Serialize(
        new { source_id = id, values = new { record_no = id, channel, accepted_at = "2024-05-01T08:00:00Z", title } });

    private static async Task<string> TicketsAsync(string folder, params string[] lines)
    {
        var file = Path.Combine(folder, "tickets.jsonl");
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
        return file;
    }

    private static async Task<JsonElement[]> UntilAsync(ForeignProgram.Run program, string file, Func<JsonElement[], bool> isThere)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var lines = await LinesAsync(file);
            if (isThere(lines))
            {
                return lines;
            }

            Assert.False(program.HasEnded || patience.IsCancellationRequested, $"{lines.Length} lines\n{string.Join('\n', program.Errors)}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    // The last line may not be whole yet.
    private static async Task<JsonElement[]> LinesAsync(string file)
    {
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    private static string Text(JsonElement entry, string member) => entry.GetProperty(member).GetString()!;
}
