using System.Text.Json;
using Exchange.Cli.Demo;
using Exchange.Cli.Terminal;
using Exchange.Clients.Catalog;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Server.Tests.Clients;

public sealed class DemoFollowerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, false)]
    public async Task The_demo_tells_that_coverage_is_proven_only_when_no_batch_was_kept_from_its_followers(int kept, bool proven)
    {
        await using var hub = await ClientHub.StartAsync($"client_demo_{kept}");
        await using var proxy = await DroppingProxy.StartAsync(hub.Hub.Node.Addresses.Grpc, kept);
        var folder = Directory.CreateTempSubdirectory("demo-").FullName;
        var place = new HubFolder { Grpc = hub.Hub.Node.Addresses.Grpc, TokenEndpoint = new Uri(hub.Hub.Node.Addresses.TokenEndpoint) };
        var samples = Path.Combine(ClientHub.Root, "samples");
        var printed = new StringWriter();
        await using (var clients = new DemoClients(place, hub.Operator, DemoKeys.In(folder)) { FollowAt = proxy.Address })
        {
            var input = await DemoInput.FindAsync([], null, folder, samples, TestContext.Current.CancellationToken);
            var output = new Output(isJson: true, printed, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }));
            await using var run = new DemoRun(output, hub.Operator, clients, input, folder);

            await run.RunAsync([await CatalogFile.ReadAsync(Path.Combine(samples, "city", "departments.yaml"), TestContext.Current.CancellationToken)], TestContext.Current.CancellationToken);
            output.Json(run.Figures.ToJson());
        }

        Assert.Equal(proven, JsonDocument.Parse(printed.ToString()).RootElement.GetProperty("coverage_proven").GetBoolean());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_follower_has_caught_up_with_what_it_has_counted_not_with_what_has_arrived()
    {
        await using var hub = await ClientHub.StartAsync("client_demo_follower");
        var supervision = await hub.RegisterAsync("supervision-office");
        var request = new FollowRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation };
        await using var follower = await DemoFollower.StartAsync("supervision-office", supervision, request, TestContext.Current.CancellationToken);
        var (arrived, mayGoOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        follower.OnBatch = (_, batch) =>
        {
            if (batch.Changes.Count > 0)
            {
                arrived.TrySetResult();
                mayGoOn.Task.Wait(_patience);
            }
        };

        await Tickets.PushAsync(await hub.RegisterAsync("hotline"), "p1", [1]);
        await arrived.Task.WaitAsync(_patience, TestContext.Current.CancellationToken);
        var heads = await supervision.Feed.GetHeadsAsync(request, TestContext.Current.CancellationToken);
        var caughtUp = follower.CatchUpAsync(heads, TestContext.Current.CancellationToken);

        Assert.False(caughtUp.IsCompleted);
        mayGoOn.SetResult();
        Assert.True(await caughtUp.WaitAsync(_patience, TestContext.Current.CancellationToken));
        Assert.Equal(1, follower.Changes);
    }
}
