using System.Globalization;
using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using FeedService = Exchange.Protos.V1.FeedService;

namespace Exchange.Server.Tests.Feed;

/// <summary>
/// The feed decides in memory on events, the pull in SQL on rows. Whoever follows must end with what a pull at the end gives: same records, same values,
/// under any rights, filter and fields.
/// </summary>
public sealed class FollowAgainstPullTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Who_follows_from_the_beginning_ends_with_what_a_pull_gives(int seed)
    {
        await using var city = Hub(seed);
        await city.InitializeAsync();
        var random = new RandomCity(city, seed);
        await random.DecideAsync();
        await random.PushAsync(20);
        var readers = await BeginAsync(city, random, 12, (feed, request, _) =>
        {
            request.Beginning = true;
            return Follower.BeginAsync(feed, request);
        });

        await random.PushAsync(60);

        await CompareAsync(city, readers);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Who_follows_from_a_pull_that_ran_while_others_pushed_misses_nothing(int seed)
    {
        await using var city = Hub(seed);
        await city.InitializeAsync();
        var random = new RandomCity(city, seed);
        await random.DecideAsync();
        await random.PushAsync(30);
        var pushing = new RandomCity(city, seed + 100).PushAsync(80);
        var readers = await BeginAsync(city, random, 30, async (feed, request, pulled) =>
        {
            request.Checkpoint = pulled.Checkpoint;
            var follower = await Follower.BeginAsync(feed, request);
            follower.Know(pulled.Records);
            return follower;
        });

        await pushing;

        await CompareAsync(city, readers);
    }

    // Every other city keeps hardly a record while it looks at a page.
    private static CityHub Hub(int seed) => new()
    {
        Settings = new TestHubSettings { Add = services => services.AddSingleton(new FeedOptions { MaxHistoryBytes = seed % 2 is 0 ? 500 : 4 << 20 }) },
    };

    private static async Task<List<(Follower Follower, Caller Caller, PullRequest Request)>> BeginAsync(
        CityHub city, RandomCity random, int count, Func<FeedService.FeedServiceClient, FollowRequest, Pulled, Task<Follower>> begin)
    {
        List<(Follower Follower, Caller Caller, PullRequest Request)> readers = [];
        while (readers.Count < count)
        {
            var (caller, fields, filter) = random.Reader();
            var request = new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = filter, Fields = { fields } };
            var follow = new FollowRequest { Resource = request.Resource, Purpose = request.Purpose, Filter = filter, Fields = { fields } };
            try
            {
                readers.Add((await begin(city.FeedOf(caller), follow, await PullAsync(city, caller, request)), caller, request));
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.InvalidArgument or StatusCode.PermissionDenied)
            {
                // The reader may not ask for that.
            }
        }

        return readers;
    }

    private static async Task<Pulled> PullAsync(CityHub city, Caller caller, PullRequest request)
    {
        using var call = city.RecordsOf(caller).Pull(request);
        Dictionary<Guid, Dictionary<string, Value>> records = [];
        PullStart start = new();
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            start = message.Start ?? start;
            foreach (var row in message.Batch?.Rows ?? [])
            {
                var values = row.Values.Index().Where(value => value.Item.KindCase is not Value.KindOneofCase.None);
                records.Add(new Guid(row.RecordId.Span, bigEndian: true), values.ToDictionary(value => start.Columns[value.Index].Field, value => value.Item));
            }
        }

        return new Pulled(start.Checkpoint, records);
    }

    private static async Task CompareAsync(CityHub city, List<(Follower Follower, Caller Caller, PullRequest Request)> readers)
    {
        var heads = await city.HeadsAsync();
        foreach (var (follower, caller, request) in readers)
        {
            await follower.ReadThroughAsync(heads);
            var (_, expected) = await PullAsync(city, caller, request);
            var reader = $"{caller.Department} of {request.Fields} where {request.Filter}";
            Assert.Equal($"{reader}\n{Written(expected)}", $"{reader}\n{Written(follower.Records)}");
            foreach (var (id, values) in expected.Take(3))
            {
                var record = await city.RecordsOf(caller).GetRecordAsync(
                    new GetRecordRequest { Name = $"{request.Resource}/records/{id}", Purpose = request.Purpose, Fields = { request.Fields } });
                Assert.Equal(Written(new() { [id] = values }), Written(new() { [id] = record.Values.ToDictionary(value => value.Field, value => value.Value) }));
            }

            follower.Dispose();
        }
    }

    private static string Written(Dictionary<Guid, Dictionary<string, Value>> records) => string.Join('\n', records.OrderBy(record => record.Key).Select(record =>
        string.Create(CultureInfo.InvariantCulture, $"{record.Key}: {string.Join(", ", record.Value.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key} {value.Value}"))}")));

    private sealed record Pulled(string Checkpoint, Dictionary<Guid, Dictionary<string, Value>> Records);
}
