using Exchange.Catalog;
using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Role = Exchange.Catalog.Role;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

public sealed class PushStreamTests(CityHub city) : IClassFixture<CityHub>
{
    private const string CountRecordEvents = """
        SELECT sum(head)::bigint FROM log.log_partition AS h JOIN log.partition_slot AS s ON s.partition = h.partition WHERE s.kind = 'record'
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_batch_gets_its_receipt_and_the_stream_ends_when_all_are_there()
    {
        var header = city.Header(City.Centre, "title");
        using var call = await BeginAsync(City.Centre, header);
        for (var sequence = 1; sequence <= 40; sequence++)
        {
            await call.RequestStream.WriteAsync(Batch(sequence, [.. Enumerable.Range(0, 25).Select(number => Own($"stream-{sequence}-{number}", Text("a")))]));
        }

        await call.RequestStream.CompleteAsync();
        var receipts = await ReceiptsAsync(call);

        Assert.Equal(Enumerable.Range(1, 40).Select(sequence => (long)sequence), receipts.Select(receipt => receipt.Sequence).Order());
        Assert.All(receipts.SelectMany(receipt => receipt.Results), result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
        Assert.Equal(1_000L, await city.ScalarAsync<long>("SELECT count(*) FROM subject.complaint WHERE source_id LIKE 'stream-%'"));
    }

    [Fact]
    public async Task A_receipt_comes_while_the_client_is_still_sending()
    {
        using var call = await BeginAsync(City.Centre, city.Header(City.Centre, "title"));
        await call.RequestStream.WriteAsync(Batch(1, Own("early", Text("a"))));

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Deadline));

        Assert.Equal(1, call.ResponseStream.Current.Receipt.Sequence);
        await call.RequestStream.CompleteAsync();
        Assert.Empty(await ReceiptsAsync(call));
    }

    [Fact]
    public async Task Batches_that_touch_one_record_are_decided_in_the_order_they_were_sent()
    {
        using var call = await BeginAsync(City.Centre, city.Header(City.Centre, "title"));
        for (var sequence = 1; sequence <= 60; sequence++)
        {
            await call.RequestStream.WriteAsync(Batch(sequence, Own("ordered", Text($"title {sequence}"))));
        }

        await call.RequestStream.CompleteAsync();
        var receipts = await ReceiptsAsync(call);

        Assert.All(receipts, receipt => Assert.Equal(receipt.Sequence, receipt.Results[0].Version));
        Assert.Equal("title 60", await city.ScalarAsync<string>("SELECT title FROM subject.complaint WHERE source_id = 'ordered'"));
    }

    [Fact]
    public async Task A_refused_batch_ends_the_stream_after_the_receipts_of_those_before_it()
    {
        var header = city.Header(City.Centre, "title");
        await city.PushAsync(City.Centre, header, Own("reused", Text("first content")));
        using var call = await BeginAsync(City.Centre, header);
        await call.RequestStream.WriteAsync(Batch(1, Own("reused", Text("other content"))));

        Assert.Equal((StatusCode.FailedPrecondition, "IDEMPOTENCY_KEY_REUSED"), await TestStatus.RefusalOf(() => ReceiptsAsync(call)));
    }

    [Fact]
    public async Task A_client_that_resumes_gets_the_receipts_it_had()
    {
        var header = city.Header(City.Centre, "title");
        List<PushReceipt> first;
        using (var call = await BeginAsync(City.Centre, header))
        {
            await call.RequestStream.WriteAsync(Batch(1, Own("resumed-1", Text("a")), ById("bad")));
            await call.RequestStream.WriteAsync(Batch(2, Own("resumed-2", Text("a"))));
            await call.RequestStream.CompleteAsync();
            first = await ReceiptsAsync(call);
        }

        using var again = await BeginAsync(City.Centre, header);
        await again.RequestStream.WriteAsync(Batch(2, Own("resumed-2", Text("a"))));
        await again.RequestStream.CompleteAsync();

        Assert.Equal(first.Where(receipt => receipt.Sequence is 2), await ReceiptsAsync(again));
    }

    [Fact]
    public async Task A_client_that_resumes_leaves_out_what_it_has_receipts_for()
    {
        // Receipts come in any order: with several appenders the second batch may be durable before the first and the third.
        var header = city.Header(City.Centre, "title");
        using var call = await BeginAsync(City.Centre, header);
        foreach (var sequence in new[] { 1, 3, 7 })
        {
            await call.RequestStream.WriteAsync(Batch(sequence, Own($"left-out-{sequence}", Text("a"))));
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal([1L, 3L, 7L], (await ReceiptsAsync(call)).Select(receipt => receipt.Sequence).Order());
    }

    public static TheoryData<string, string> BadHeaders => new()
    {
        { "{ \"resource\": \"complaint\" }", "header.resource FORMAT" },
        { "{ \"fields\": [\"title\", \"nothing\", \"nowhere\"] }", "header.fields[1] UNKNOWN_FIELD, header.fields[2] UNKNOWN_FIELD" },
        { "{ \"fields\": [\"title\", \"title\"] }", "header.fields[1] DUPLICATE" },
        { "{ \"pushId\": \"\" }", "header.push_id FORMAT" },
        { "{ \"pushId\": \"a\\nb\" }", "header.push_id FORMAT" },
        { "{ \"purpose\": 7 }", "header.purpose UNKNOWN_CODE" },
        { "{ \"sourceSystem\": \"\" }", "header.source_system REQUIRED" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public async Task A_bad_header_is_refused_with_every_violation(string changes, string violations)
    {
        var header = city.Header(City.Centre);
        var changed = PushHeader.Parser.ParseJson(changes);
        header.Resource = changed.Resource is "" ? header.Resource : changed.Resource;
        header.SourceSystem = changes.Contains("sourceSystem", StringComparison.Ordinal) ? changed.SourceSystem : header.SourceSystem;
        header.PushId = changes.Contains("pushId", StringComparison.Ordinal) ? changed.PushId : header.PushId;
        header.Purpose = changed.Purpose;
        header.Fields.Add(changed.Fields is [] ? ["title"] : changed.Fields);

        var exception = await Assert.ThrowsAsync<RpcException>(() => city.PushAsync(City.Centre, header, Own("x", Text("a"))));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Equal(violations, string.Join(", ", exception.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}")));
    }

    [Fact]
    public async Task An_unknown_resource_is_not_found_and_another_s_source_system_is_denied()
    {
        var unknown = city.Header(City.Centre, "title");
        unknown.Resource = "resources/nothing";
        var foreign = city.Header(City.Centre, "title");
        foreign.SourceSystem = "housing-desk";

        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), await TestStatus.RefusalOf(() => city.PushAsync(City.Centre, unknown, Own("x", Text("a")))));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_SOURCE_SYSTEM"), await TestStatus.RefusalOf(() => city.PushAsync(City.Centre, foreign, Own("x", Text("a")))));
    }

    [Theory]
    [InlineData(0, 1, "batch.sequence OUT_OF_RANGE")]
    [InlineData(1, 0, "batch.records COUNT")]
    [InlineData(1, 2_001, "batch.records COUNT")]
    public async Task A_batch_outside_its_bounds_is_refused(long sequence, int records, string violation)
    {
        using var call = await BeginAsync(City.Centre, city.Header(City.Centre, "title"));
        await call.RequestStream.WriteAsync(Batch(sequence, [.. Enumerable.Range(0, records).Select(_ => Own("bounds", NotSent))]));

        var exception = await Assert.ThrowsAsync<RpcException>(() => ReceiptsAsync(call));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Equal(violation, exception.Detail<BadRequest>()!.FieldViolations.Select(bad => $"{bad.Field} {bad.Reason}").Single());
    }

    [Fact]
    public async Task Messages_out_of_order_are_refused()
    {
        using var batchFirst = city.RecordsOf(City.Centre).Push();
        await batchFirst.RequestStream.WriteAsync(Batch(1, Own("x", Text("a"))));
        using var headerTwice = await BeginAsync(City.Centre, city.Header(City.Centre, "title"));
        await headerTwice.RequestStream.WriteAsync(new PushRequest { Header = city.Header(City.Centre, "title") });
        using var backwards = await BeginAsync(City.Centre, city.Header(City.Centre, "title"));
        await backwards.RequestStream.WriteAsync(Batch(2, Own("backwards", Text("a"))));
        await backwards.RequestStream.WriteAsync(Batch(1, Own("backwards", Text("b"))));
        using var nothing = await BeginAsync(City.Centre, city.Header(City.Centre, "title"));
        await nothing.RequestStream.WriteAsync(new PushRequest());

        foreach (var call in new[] { batchFirst, headerTwice, backwards, nothing })
        {
            Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => ReceiptsAsync(call)));
        }

        Assert.Equal("a", await city.ScalarAsync<string>("SELECT title FROM subject.complaint WHERE source_id = 'backwards'"));
    }

    [Fact]
    public async Task Only_department_systems_push()
    {
        var steward = new Caller(City.Centre.Department, new ClientId("centre-steward"), Role.Steward);
        await city.RegisterAsync(steward);

        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => city.PushAsync(steward, city.Header(steward, "title"), Own("x", Text("a")))));
        using var call = city.RecordsOf(steward).Push();
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => ReceiptsAsync(call)));
    }

    [Fact]
    public async Task A_revision_published_in_the_middle_of_a_push_is_used_from_the_next_batch_on()
    {
        using var call = await BeginAsync(City.Grid, city.Header(City.Grid, "title"));
        await call.RequestStream.WriteAsync(Batch(1, Own("revised", Text("a"))));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Deadline));

        var current = city.State.Resources["complaint"];
        FieldDefinition[] fields = [.. current.Fields.Select(field => field.Name is "title" ? field with { MaxLength = 2 } : field)];
        await city.HappenAsync(new Exchange.Catalog.Governance.GovernanceEvent.ResourcePublished(
            new ResourceDefinition(City.Complaint, current.Revision + 1, fields) { Department = current.Department }));
        await call.RequestStream.WriteAsync(Batch(2, Own("revised", Text("long"))));
        await call.RequestStream.CompleteAsync();
        var receipts = await ReceiptsAsync(call);
        await city.HappenAsync(new Exchange.Catalog.Governance.GovernanceEvent.ResourcePublished(
            new ResourceDefinition(City.Complaint, current.Revision + 2, current.Fields) { Department = current.Department }));

        Assert.Equal("TOO_LONG", receipts.Single().Results[0].Errors.Single().Reason);
    }

    [Theory]
    [InlineData("its end missing", StatusCode.InvalidArgument, "MALFORMED_MESSAGE")]
    [InlineData("its last bytes missing", StatusCode.InvalidArgument, "MALFORMED_MESSAGE")]
    [InlineData("a byte over the limit", StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE")]
    public async Task A_message_that_is_cut_or_too_large_stores_nothing_and_leaves_the_batches_before_it(string how, StatusCode code, string reason)
    {
        const int Limit = 4 * 1024 * 1024;
        var id = $"raw-{Guid.NewGuid():n}";
        var header = new PushRequest { Header = city.Header(City.Centre, "title", "content") };
        var good = Batch(1, Own(id + "-good-1", Text("a"), NotSent), Own(id + "-good-2", Text("a"), NotSent));
        var bad = Batch(2, [.. Enumerable.Range(0, 40).Select(number => Own($"{id}-bad-{number}", Text("b"), Text(new string('x', 100))))]).ToByteArray();
        byte[] last = how switch
        {
            // The frame says more than comes.
            "its end missing" => RawPush.Frame(bad)[..(bad.Length / 2)],

            // The frame is whole, the message in it is not: the first records of the batch are.
            "its last bytes missing" => RawPush.Frame(bad[..^30]),
            _ => RawPush.Frame(TooLarge(id, Limit + 1)),
        };
        var before = await city.ScalarAsync<long>(CountRecordEvents);

        var answer = await RawPush.SendAsync(city.Hub, city.ClientOf(City.Centre).AccessToken, [.. RawPush.Frame(header.ToByteArray()), .. RawPush.Frame(good.ToByteArray()), .. last]);

        Assert.Equal((code, reason), (answer.Code, answer.Reason));
        var receipt = Assert.Single(answer.Receipts);
        Assert.Equal((1L, 2), (receipt.Sequence, receipt.Results.Count(result => result.Outcome is RecordOutcome.Accepted)));
        Assert.Equal(2L, await city.ScalarAsync<long>($"SELECT count(*) FROM subject.complaint WHERE source_id LIKE '{id}-%'"));
        Assert.Equal(before + 2, await city.ScalarAsync<long>(CountRecordEvents));
    }

    private static byte[] TooLarge(string id, int size)
    {
        var request = Batch(2, [.. Enumerable.Range(0, 40).Select(number => Own($"{id}-bad-{number}", Text("b"), Text(new string('x', 104_000))))]);
        var value = request.Batch.Records[^1].Values[1];
        value.Text += new string('x', size - request.CalculateSize());
        value.Text = value.Text[..^(request.CalculateSize() - size)];
        Assert.Equal(size, request.CalculateSize());
        return request.ToByteArray();
    }

    private static PushRequest Batch(long sequence, params PushedRecord[] records) =>
        new() { Batch = new PushedBatch { Sequence = sequence, Records = { records } } };

    private async Task<AsyncDuplexStreamingCall<PushRequest, PushResponse>> BeginAsync(Caller caller, PushHeader header)
    {
        var call = city.RecordsOf(caller).Push();
        await call.RequestStream.WriteAsync(new PushRequest { Header = header });
        return call;
    }

    private static async Task<List<PushReceipt>> ReceiptsAsync(AsyncDuplexStreamingCall<PushRequest, PushResponse> call)
    {
        using var patience = new CancellationTokenSource(Deadline);
        var receipts = new List<PushReceipt>();
        await foreach (var response in call.ResponseStream.ReadAllAsync(patience.Token))
        {
            receipts.Add(response.Receipt);
        }

        return receipts;
    }
}
