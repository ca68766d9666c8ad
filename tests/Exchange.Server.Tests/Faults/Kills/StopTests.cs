using Exchange.Clients;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Grpc;
using Exchange.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>
/// Reliability D7: a hub that is told to stop while departments push and follow is gone in ten seconds, tells its streams to resume, and nothing that it
/// acknowledged is lost or there twice.
/// </summary>
public sealed class StopTests(ITestOutputHelper output)
{
    private const int Writers = 4;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    [Fact]
    public Task Two_stops_under_load_lose_nothing_and_end_streams_so_that_they_resume() => StopAsync(2);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Fifty_stops_under_load_lose_nothing_and_end_streams_so_that_they_resume() => StopAsync(50);

    private async Task StopAsync(int stops)
    {
        await using var postgres = await TestPostgres.StartOwnAsync();
        try
        {
            var connectionString = await postgres.CreateDatabaseAsync("hub", CancellationToken.None);
            await using var hub = await HubProgram.StartAsync(connectionString);
            await using var writers = await RunningWriters.StartAsync(hub, Writers, new Random(stops));
            var (took, ends) = (new List<TimeSpan>(), new List<(StatusCode, string)>());
            for (var stop = 0; stop < stops; stop++)
            {
                await writers.UntilEachHasMoreAsync(20);
                var begun = new TaskCompletionSource();
                var following = FollowAsync(hub, writers.WithClients.First().Client, begun);
                await Task.WhenAny(begun.Task, following);

                took.Add(await hub.StopAsync());

                ends.Add(await following);
                await hub.StartAsync();
            }

            await writers.StopAsync();
            await hub.KillAsync();
            var verdict = await new StoreJudge(connectionString, Path.Combine(hub.DataDirectory, "hub-key")).JudgeAsync(writers.List);

            output.WriteLine($"{stops} stops, gone after {took.Average(time => time.TotalSeconds):0.00} s on average, {took.Max().TotalSeconds:0.00} s at most; {verdict}");
            Assert.Equal("", verdict.Faults);
            Assert.True(verdict.Accepted > stops * 20, $"{verdict}");
            Assert.All(ends, end => Assert.Equal((StatusCode.Unavailable, "SHUTTING_DOWN"), end));
            Assert.All(took, time => Assert.InRange(time, TimeSpan.Zero, Promised));
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    // Without the library, which would resume.
    private static async Task<(StatusCode Code, string Reason)> FollowAsync(HubProgram hub, ExchangeClient client, TaskCompletionSource begun)
    {
        using var channel = GrpcChannel.ForAddress(hub.Grpc);
        using var call = new FeedService.FeedServiceClient(channel).Follow(
            new FollowRequest { Resource = FaultCity.Resource, Purpose = Purpose.Regulation, Beginning = true },
            new Metadata { { "authorization", "Bearer " + await client.Tokens.GetAsync(CancellationToken.None) } });
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                begun.TrySetResult();
            }

            return (StatusCode.OK, "");
        }
        catch (RpcException e)
        {
            return (e.StatusCode, e.Reason());
        }
    }
}
