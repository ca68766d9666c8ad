using Exchange.Protos.V1;
using Exchange.Server.Tests.Faults.Fuzz;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Pull;
using Google.Protobuf;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Faults.Messages;

/// <summary>Reliability D3: each limit that the protos state, one below, at it and one above; what is above leaves no trace in the records.</summary>
public sealed class SizeLimitTests(CityHub city) : IClassFixture<CityHub>
{
    private const int LargestMessage = 4 * 1024 * 1024;
    private const string Accepted = "ACCEPTED";
    private const string BadRequest = "InvalidArgument BAD_REQUEST";

    public static TheoryData<string, int, string> Limits => new()
    {
        { "records of a batch", 2_000, BadRequest },
        { "characters of a push id", 100, BadRequest },
        { "characters of a source id", 200, "REJECTED  INVALID_REFERENCE" },
        { "characters of a text", 200_000, "REJECTED content TOO_LONG" },
        { "texts of a list", 1_000, "REJECTED tags TOO_LONG" },
        { "characters of a text in a list", 4_000, "REJECTED tags TOO_LONG" },
        { "warnings of a record", 20, BadRequest },
        { "characters of a warning", 60, BadRequest },
        { "bytes of a message", LargestMessage, "ResourceExhausted MESSAGE_TOO_LARGE" },
        { "bytes of a message, packed", LargestMessage, "ResourceExhausted MESSAGE_TOO_LARGE" },
        { "characters of a filter", 8_000, BadRequest },
        { "comparisons of a filter", 200, BadRequest },
        { "parentheses of a filter", 50, BadRequest },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task What_is_within_a_limit_is_taken_and_what_is_above_leaves_no_trace(string what, int limit, string above)
    {
        foreach (var size in new[] { limit - 1, limit, limit + 1 })
        {
            var before = await CountRecordEventsAsync();

            var answer = await AnswerAsync(what, size);

            Assert.Equal((size, size > limit ? above : Accepted), (size, answer));
            Assert.True(size <= limit || before == await CountRecordEventsAsync(), $"{what}: {size} is refused and stored all the same");
        }
    }

    [Fact]
    public async Task Metadata_is_measured_to_the_byte_and_its_limit_is_that_of_the_protos()
    {
        // What else the call brings is not known here: one byte more or less decides, and within what the rest can be.
        var (fits, refused) = (8_000, 16_385);
        while (refused - fits > 1)
        {
            var middle = (fits + refused) / 2;
            (fits, refused) = await WithMetadataAsync(middle) is "OK" ? (middle, refused) : (fits, middle);
        }

        Assert.Equal(["OK", "OK", "ResourceExhausted METADATA_TOO_LARGE"], [await WithMetadataAsync(fits - 1), await WithMetadataAsync(fits), await WithMetadataAsync(refused)]);
        Assert.InRange(fits, 16_384 - 2_000, 16_384);
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(8_000, true)]
    [InlineData(8_192, false)]
    [InlineData(30_000, false)]
    [InlineData(200_000, false)]
    public async Task A_path_is_read_up_to_8_KiB_and_the_hub_goes_on_after_longer_ones(int length, bool isRead)
    {
        var bytes = Marshallers.Create<byte[]>(static message => message, static message => message);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "exchange.v1.RecordsService", new string('a', length - "/exchange.v1.RecordsService/".Length), bytes, bytes);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => city.ClientOf(City.Centre).Invoker.AsyncUnaryCall(method, null, default, []).ResponseAsync);

        // A longer one the server resets before anything of ours is asked: there is no status, which the client library calls INTERNAL.
        Assert.Equal(isRead ? "Unimplemented METHOD_UNKNOWN" : "Internal", isRead ? $"{refusal.StatusCode} {refusal.Reason()}" : $"{refusal.StatusCode}");
        Assert.Equal(Accepted, await AnswerAsync("characters of a push id", 50));
    }

    private async Task<string> AnswerAsync(string what, int size)
    {
        var x = new string('x', what.StartsWith("bytes", StringComparison.Ordinal) ? 0 : size);
        var id = Guid.NewGuid().ToString("n");
        return what switch
        {
            "records of a batch" => await PushAsync(Header(), [.. Enumerable.Range(0, size).Select(number => Own($"{id}-{number}", Text("a")))]),
            "characters of a push id" => await PushAsync(Named((id + x)[..size]), Own(id, Text("a"))),
            "characters of a source id" => await PushAsync(Header(), Own((id + x)[..size], Text("a"))),
            "characters of a text" => await PushAsync(Header("content"), Own(id, Text("a"), Text(x))),
            "texts of a list" => await PushAsync(Header("tags"), Own(id, Text("a"), List(Enumerable.Range(0, size).Select(number => $"{number}")))),
            "characters of a text in a list" => await PushAsync(Header("tags"), Own(id, Text("a"), List([x]))),
            "warnings of a record" => await PushAsync(Header(), Warned(id, [.. Enumerable.Range(0, size).Select(number => $"W{number}")])),
            "characters of a warning" => await PushAsync(Header(), Warned(id, x.ToUpperInvariant())),
            "bytes of a message" => await SendAsync(Sized(id, size), isPacked: false),
            "bytes of a message, packed" => await SendAsync(Sized(id, size), isPacked: true),
            "characters of a filter" => await PullAsync($"title = \"{x[..^"title = \"\"".Length]}\""),
            "comparisons of a filter" => await PullAsync(string.Join(" OR ", Enumerable.Repeat("calls = 1", size))),
            "parentheses of a filter" => await PullAsync(new string('(', size) + "calls = 1" + new string(')', size)),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "no such limit"),
        };
    }

    private async Task<string> PushAsync(PushHeader header, params PushedRecord[] records)
    {
        try
        {
            var receipt = await city.PushAsync(City.Centre, header, records);
            return string.Join(", ", receipt.Results.Select(Told).Distinct());
        }
        catch (RpcException e)
        {
            return $"{e.StatusCode} {e.Reason()}";
        }
    }

    private async Task<string> PullAsync(string filter)
    {
        try
        {
            await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(new PullRequest { Resource = "resources/complaint", Filter = filter, Purpose = Purpose.Regulation, Limit = 1 }));
            return Accepted;
        }
        catch (RpcException e)
        {
            return $"{e.StatusCode} {e.Reason()}";
        }
    }

    private async Task<string> SendAsync(byte[] message, bool isPacked)
    {
        using var frames = new RawFrames(city.Hub.Node.Addresses.Grpc);
        var method = RawCall.Methods.Single(method => method.FullName == "exchange.v1.RecordsService.PushBatch");
        var body = RawFrames.Frame(isPacked ? RawFrames.Pack(message) : message, isPacked);
        var (code, reason) = await frames.SendAsync(method, city.ClientOf(City.Centre).AccessToken, body, isPacked ? "gzip" : null);
        return code is StatusCode.OK ? Accepted : $"{code} {reason}";
    }

    private async Task<string> WithMetadataAsync(int size)
    {
        try
        {
            await city.RecordsOf(City.Centre).PushBatchAsync(new PushBatchRequest { Header = Header(), Batch = new PushedBatch { Sequence = 1, Records = { Own("metadata", Text("a")) } } }, new Metadata { { "x", new string('x', size) } });
            return "OK";
        }
        catch (RpcException e)
        {
            return $"{e.StatusCode} {e.Reason()}";
        }
    }

    // Text fills it up; the push id takes what the lengths' own bytes leave over.
    private byte[] Sized(string id, int size)
    {
        var request = new PushBatchRequest { Header = Header("content"), Batch = new PushedBatch { Sequence = 1 } };
        while (size - request.CalculateSize() > 150_000)
        {
            request.Batch.Records.Add(Own($"{id}-{request.Batch.Records.Count}", Text("a"), Text(new string('x', 100_000))));
        }

        request.Batch.Records.Add(Own(id, Text("a"), Text(new string('x', size - request.CalculateSize() - 80))));
        request.Header.PushId += new string('x', size - request.CalculateSize());
        Assert.Equal(size, request.CalculateSize());
        return request.ToByteArray();
    }

    private PushHeader Header(params string[] more) => city.Header(City.Centre, ["title", .. more]);

    private PushHeader Named(string pushId)
    {
        var header = Header();
        header.PushId = pushId;
        return header;
    }

    private Task<long> CountRecordEventsAsync() =>
        city.ScalarAsync<long>("SELECT sum(head)::bigint FROM log.log_partition AS h JOIN log.partition_slot AS s ON s.partition = h.partition WHERE s.kind = 'record'");

    private static string Told(RecordResult result) => result.Outcome is RecordOutcome.Accepted ? Accepted
        : string.Join(' ', [result.Outcome.ToString().ToUpperInvariant(), .. result.Errors.SelectMany(error => new[] { error.Field, error.Reason })]);

    private static Value List(IEnumerable<string> texts) => new() { TextList = new TextList { Values = { texts } } };

    private static PushedRecord Warned(string id, params string[] warnings)
    {
        var record = Own(id, Text("a"));
        record.Warnings.AddRange(warnings);
        return record;
    }
}
