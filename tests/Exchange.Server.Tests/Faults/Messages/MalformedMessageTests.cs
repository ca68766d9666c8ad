using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Pull;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Value = Exchange.Protos.V1.Value;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Faults.Messages;

/// <summary>Reliability D2 and D3 over the wire: spoilt messages are refused with a status of ours, and the hub goes on.</summary>
public sealed class MalformedMessageTests(CityHub city, ITestOutputHelper output) : IClassFixture<CityHub>
{
    private const int AtOnce = 8;

    // A stream that begins well is left; a call that hangs fails the test.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Ten_thousand_spoilt_messages_are_refused_or_served_and_none_breaks_the_hub() => SpoilAsync(10_200);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_hundred_thousand_spoilt_messages_are_refused_or_served_and_none_breaks_the_hub() => SpoilAsync(100_000);

    [Fact]
    public async Task Five_hundred_malformed_messages_one_by_one_each_leave_the_records_as_they_are()
    {
        var seed = Seed();
        var kinds = await KindsAsync();
        var spoilt = new Mutation(seed);
        var refused = new Dictionary<string, int>();
        for (var index = 0; refused.Values.Sum() < 500; index++)
        {
            Assert.True(index < 20_000, $"too few are refused: {string.Join(", ", refused)}");
            var (name, good) = kinds[index % kinds.Count];
            var message = spoilt.Next(good);
            var before = await CountRecordEventsAsync();

            if (await RawCall.SendAsync(city.ClientOf(City.Centre).Invoker, Method(name), message, Patience) is { } refusal && refusal.Reason() is "MALFORMED_MESSAGE")
            {
                Assert.True(before == await CountRecordEventsAsync(), $"{name} of {Convert.ToHexString(message)} is refused and stored all the same");
                refused[name] = refused.GetValueOrDefault(name) + 1;
            }
        }

        output.WriteLine(string.Join(", ", refused));
        Assert.True(refused.GetValueOrDefault("PushBatch") > 50 && refused.GetValueOrDefault("Push") > 50, string.Join(", ", refused));

        // The control: what is taken is counted.
        var count = await CountRecordEventsAsync();
        await TheHubGoesOnAsync();
        Assert.Equal(count + 1, await CountRecordEventsAsync());
    }

    [Theory]
    [InlineData(4 * 1024 * 1024, true)]
    [InlineData((4 * 1024 * 1024) + 1, false)]
    public async Task A_batch_of_just_the_size_of_a_message_is_taken_and_one_byte_more_stores_nothing(int size, bool isTaken)
    {
        var request = new PushBatchRequest
        {
            Header = city.Header(City.Centre, "title", "content"),
            Batch = new PushedBatch { Sequence = 1, Records = { Enumerable.Range(0, 40).Select(number => Own($"size-{size}-{number}", Text("a"), Text(new string('x', 104_000)))) } },
        };
        Resize(request, size);
        Assert.Equal(size, request.CalculateSize());

        var refusal = await RawCall.SendAsync(city.ClientOf(City.Centre).Invoker, Method("PushBatch"), request.ToByteArray(), Patience);

        Assert.Equal(isTaken ? "OK" : "ResourceExhausted MESSAGE_TOO_LARGE", refusal is null ? "OK" : $"{refusal.StatusCode} {refusal.Reason()}");
        Assert.Equal(isTaken ? 40L : 0L, await city.ScalarAsync<long>($"SELECT count(*) FROM subject.complaint WHERE source_id LIKE 'size-{size}-%'"));
    }

    private async Task SpoilAsync(int count)
    {
        var seed = Seed();
        var kinds = await KindsAsync();
        var statuses = new ConcurrentDictionary<string, int>();
        var slowest = 0L;
        var linesBefore = city.Hub.Log.Lines.Count;
        await Parallel.ForEachAsync(Enumerable.Range(0, AtOnce), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (worker, _) =>
        {
            var random = new Random(seed + worker);
            var (spoilt, odd) = (new Mutation(random.Next()), new OddMessages(random.Next()));
            for (var index = worker; index < count; index += AtOnce)
            {
                var (name, good) = kinds[index / AtOnce % kinds.Count];
                var message = random.Next(2) is 0 ? spoilt.Next(good) : odd.Make(good[random.Next(good.Length)]);
                var began = Stopwatch.GetTimestamp();
                var refusal = await RawCall.SendAsync(city.ClientOf(City.Centre).Invoker, Method(name), message, Patience);
                InterlockedMax(ref slowest, Stopwatch.GetTimestamp() - began);
                statuses.AddOrUpdate(refusal is null ? "OK" : $"{refusal.StatusCode} {refusal.Reason()}", 1, (_, before) => before + 1);
                if (refusal is { StatusCode: StatusCode.Internal or StatusCode.Unknown or StatusCode.DeadlineExceeded or StatusCode.Unavailable })
                {
                    Assert.Fail($"{name} of {Convert.ToHexString(message)}: {refusal.Status}\n{string.Join('\n', city.Hub.Log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).TakeLast(1))}");
                }
            }
        });

        output.WriteLine($"{count} messages, the slowest {Stopwatch.GetElapsedTime(0, slowest).TotalMilliseconds:0} ms");
        output.WriteLine(string.Join('\n', statuses.OrderByDescending(status => status.Value).Select(status => $"{status.Value,7} {status.Key}")));
        Assert.DoesNotContain(city.Hub.Log.Lines.Skip(linesBefore), line => line.Contains("correlation id", StringComparison.Ordinal));
        Assert.True(statuses.GetValueOrDefault("InvalidArgument MALFORMED_MESSAGE") > count / 20 && statuses.GetValueOrDefault("OK") > count / 50, "both sides of the edge must be hit");
        await TheHubGoesOnAsync();
    }

    private int Seed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FAULT_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        output.WriteLine($"FAULT_SEED={seed}");
        return seed;
    }

    // Committed ones, whatever their kind.
    private Task<long> CountRecordEventsAsync() =>
        city.ScalarAsync<long>("SELECT sum(head)::bigint FROM log.log_partition AS h JOIN log.partition_slot AS s ON s.partition = h.partition WHERE s.kind = 'record'");

    private async Task TheHubGoesOnAsync()
    {
        var id = $"after-{Guid.NewGuid():n}";
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own(id, Text("alive")));
        var pulled = await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(new PullRequest { Resource = "resources/complaint", Filter = $"source_id = \"{id}\"", Purpose = Purpose.Regulation }));

        Assert.Equal(RecordOutcome.Accepted, receipt.Results[0].Outcome);
        Assert.Equal(receipt.Results[0].RecordId, Assert.Single(pulled.Ids).ToString());
    }

    // Good messages of each kind, which are then spoilt.
    private async Task<List<(string Method, IMessage[] Good)>> KindsAsync()
    {
        var header = city.Header(City.Centre, "title", "content", "tags", "fee", "due", "accepted_at", "calls", "confidential", "responsible");
        Value[] values =
        [
            Text("a pipe leaks"), Text("水管漏水"), new() { TextList = new TextList { Values = { "a", "b" } } }, new() { Decimal = "12.50" }, new() { Date = 16_000 },
            new() { Timestamp = new Timestamp { Seconds = 1_400_000_000, Nanos = 5_000 } }, new() { Integer = -7 }, new() { Boolean = true }, Code("housing"),
        ];
        var first = await city.PushAsync(City.Centre, header, Own("spoilt", values));
        var grid = city.Header(City.Grid, "place");
        PushBatchRequest Batch(PushHeader with, params PushedRecord[] records) => new() { Header = with, Batch = new PushedBatch { Sequence = 1, Records = { records } } };
        using var follow = city.FeedOf(City.Centre).Follow(new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation });
        Assert.True(await follow.ResponseStream.MoveNext(CancellationToken.None));
        var checkpoint = follow.ResponseStream.Current.Start.Checkpoint;
        var name = $"resources/complaint/records/{first.Results[0].RecordId}";
        return
        [
            ("PushBatch", [Batch(header, Own("spoilt", values)), Batch(header, ById(first.Results[0].RecordId, values), OpenedAs("centre-desk", "spoilt", values)), Batch(grid, Own("g", new Value { Point = new Point { Latitude = 30.2, Longitude = 120.1 } }))]),
            ("Push", [new PushRequest { Header = header }, new PushRequest { Batch = new PushedBatch { Sequence = 1, Records = { Own("x", values) } } }]),
            ("Pull", [new PullRequest { Resource = "resources/complaint", Fields = { "title", "fee" }, Filter = "calls < 5 AND (title = \"a\" OR NOT tags:\"b\") AND accepted_at > 2015-01-31T08:00:00Z", OrderBy = "calls desc", Purpose = Purpose.Regulation, Limit = 5 },
                new PullRequest { Resource = "resources/complaint", Filter = "title:\"漏水\"", Purpose = Purpose.Analysis }]),
            ("Follow", [new FollowRequest { Resource = "resources/complaint", Fields = { "title" }, Filter = "calls < 5", Purpose = Purpose.Regulation },
                new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Checkpoint = checkpoint },
                new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Beginning = true }]),
            ("GetRecord", [new GetRecordRequest { Name = name, Fields = { "title" }, Purpose = Purpose.Regulation, Position = 1 }, new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Time = Timestamp.FromDateTime(DateTime.UtcNow) }]),
            ("GetRecordHistory", [new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation, PageSize = 5 }]),
        ];
    }

    // Lengthens the last record's text, and the push id by what the text's own length bytes leave over.
    private static void Resize(PushBatchRequest request, int size)
    {
        var value = request.Batch.Records[^1].Values[1];
        value.Text += new string('x', size - request.CalculateSize() - 10);
        request.Header.PushId += new string('x', size - request.CalculateSize());
    }

    private static Google.Protobuf.Reflection.MethodDescriptor Method(string name) => RawCall.Methods.Single(method => method.Name == name);

    private static void InterlockedMax(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
