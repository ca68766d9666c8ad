using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Records.Subjects;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using Record = Exchange.Protos.V1.Record;
using Value = Exchange.Protos.V1.Value;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Reading;

public sealed class GetRecordTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_record_is_read_as_it_is_now_in_the_order_of_its_fields()
    {
        var id = await OpenAsync("now", ["title", "calls", "content", "secret_note"], Text("first"), new Value { Integer = 1 }, Text("story"), Text("note"));
        await ChangeAsync(id, ["title"], Text("second"));

        var record = await GetAsync(City.Archive, id);
        var own = await GetAsync(City.Centre, id);

        Assert.Equal("title=second calls=1", Shown(record));
        Assert.Equal("title=second content=story calls=1 secret_note=note", Shown(own));
        Assert.Equal(($"resources/complaint/records/{id}", 2L), (record.Name, record.Version));
        Assert.True(record.UpdateTime > record.CreateTime);
    }

    [Fact]
    public async Task The_tag_changes_when_and_only_when_something_that_is_seen_changes()
    {
        var id = await OpenAsync("tag", ["title", "calls"], Text("first"), new Value { Integer = 1 });
        var first = await GetAsync(City.Archive, id);
        var again = await GetAsync(City.Archive, id);
        var narrow = await GetAsync(City.Archive, id, request => request.Fields.Add("title"));
        await ChangeAsync(id, ["calls"], new Value { Integer = 2 });
        var later = await GetAsync(City.Archive, id);

        Assert.Equal(first.Etag, again.Etag);
        Assert.NotEqual(first.Etag, narrow.Etag);
        Assert.NotEqual(first.Etag, later.Etag);
    }

    [Fact]
    public async Task A_record_is_read_as_of_each_of_its_positions_and_times()
    {
        var id = await OpenAsync("past", ["title", "calls"], Text("first"), new Value { Integer = 1 });
        await ChangeAsync(id, ["title"], Text("second"));
        await ChangeAsync(id, ["calls"], Clear);
        await ChangeAsync(id, ["title"], Text("later"));
        var history = await city.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = Name(id), Purpose = Purpose.Regulation });
        var versions = history.Entries.DistinctBy(entry => entry.Version).OrderBy(entry => entry.Version).ToList();

        string[] expected = ["title=first calls=1", "title=second calls=1", "title=second"];
        foreach (var (index, entry) in versions.SkipLast(1).Index())
        {
            var byPosition = await GetAsync(City.Archive, id, request => request.Position = entry.Position);
            var byTime = await GetAsync(City.Archive, id, request => request.Time = entry.RecordTime);
            Assert.Equal((expected[index], index + 1L), (Shown(byPosition), byPosition.Version));
            Assert.Equal(byPosition, byTime);
            Assert.Equal(entry.RecordTime, byPosition.UpdateTime);
        }

        // Nothing is stored after the last one: more of its time may be on its way.
        Assert.Equal((StatusCode.OutOfRange, "NOT_YET"), await RefusalAsync(City.Archive, Name(id), request => request.Time = versions[^1].RecordTime));
        Assert.Equal("title=later", Shown(await GetAsync(City.Archive, id, request => request.Position = versions[^1].Position)));
        var before = versions[0].RecordTime.ToDateTimeOffset().AddTicks(-10);
        Assert.Equal(
            (StatusCode.NotFound, "RECORD_NOT_FOUND"), await RefusalAsync(City.Archive, Name(id), request => request.Time = Timestamp.FromDateTimeOffset(before)));
    }

    [Fact]
    public async Task Looking_back_shows_nothing_that_is_hidden_now()
    {
        await GrantAsync("back-grant", City.Grid, "content", "phone");
        var id = await OpenAsync("hidden-now", ["title", "content", "phone"], Text("noise"), Text("story"), Text("13800001111"));
        var open = await GetAsync(City.Grid, id);
        await ChangeAsync(id, ["confidential"], new Value { Boolean = true });

        var past = await GetAsync(City.Grid, id, request => request.Time = open.UpdateTime);

        Assert.Equal("title=noise content=story phone=＊1111", Shown(open));
        Assert.Equal(["phone"], open.Values.Where(value => value.Masked).Select(value => value.Field));
        Assert.Equal("title=noise", Shown(past));
    }

    [Fact]
    public async Task Looking_back_shows_nothing_that_was_hidden_then()
    {
        await GrantAsync("then-grant", City.Traffic, "content");
        var id = await OpenAsync("hidden-then", ["title", "content", "confidential"], Text("noise"), Text("story"), new Value { Boolean = true });
        var hidden = await GetAsync(City.Traffic, id);
        await ChangeAsync(id, ["confidential"], Clear);

        var past = await GetAsync(City.Traffic, id, request => request.Time = hidden.UpdateTime);

        Assert.Equal("title=noise confidential=True", Shown(hidden));
        Assert.Equal("title=noise content=story", Shown(await GetAsync(City.Traffic, id)));
        Assert.Equal("title=noise confidential=True", Shown(past));
    }

    [Fact]
    public async Task Hidden_and_absent_records_answer_alike()
    {
        var fields = City.Fields[..2].Select(field => field with { SharingClass = Exchange.Catalog.SharingClass.NotShared });
        var lone = new Exchange.Catalog.ResourceDefinition(new Exchange.Catalog.ResourceId("lone"), 1, fields) { Department = City.Centre.Department };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(lone, CancellationToken.None);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(lone));
        var header = city.Header(City.Centre, "title");
        header.Resource = "resources/lone";
        var id = (await city.PushAsync(City.Centre, header, Own("lone", Text("a")))).Results[0].RecordId;

        var hidden = await Assert.ThrowsAsync<RpcException>(() => GetAsync(City.Archive, $"resources/lone/records/{id}"));
        var absent = await Assert.ThrowsAsync<RpcException>(() => GetAsync(City.Archive, $"resources/lone/records/{Guid.Empty}"));
        var elsewhere = await Assert.ThrowsAsync<RpcException>(() => GetAsync(City.Archive, $"resources/complaint/records/{id}"));

        Assert.Equal((StatusCode.NotFound, "RECORD_NOT_FOUND"), (hidden.StatusCode, hidden.Reason()));
        Assert.Equal(hidden.Status.Detail.Replace(id, "", StringComparison.Ordinal), absent.Status.Detail.Replace(Guid.Empty.ToString(), "", StringComparison.Ordinal));
        Assert.Equal((StatusCode.NotFound, "RECORD_NOT_FOUND"), (elsewhere.StatusCode, elsewhere.Reason()));
    }

    [Theory]
    [InlineData("resources/complaint/records/17", StatusCode.InvalidArgument, "BAD_REQUEST")]
    [InlineData("resources/complaint", StatusCode.InvalidArgument, "BAD_REQUEST")]
    [InlineData("resources/petition/records/00000000-0000-0000-0000-000000000001", StatusCode.NotFound, "RESOURCE_NOT_FOUND")]
    public async Task A_bad_name_is_refused(string name, StatusCode code, string reason) => Assert.Equal((code, reason), await RefusalAsync(City.Archive, name));

    [Fact]
    public async Task A_moment_that_has_not_come_is_refused()
    {
        var id = await OpenAsync("future", ["title"], Text("a"));

        Assert.Equal((StatusCode.OutOfRange, "NOT_YET"), await RefusalAsync(City.Archive, Name(id), request => request.Position = 1_000_000));
        Assert.Equal(
            (StatusCode.OutOfRange, "NOT_YET"),
            await RefusalAsync(City.Archive, Name(id), request => request.Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1))));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await RefusalAsync(City.Archive, Name(id), request => request.Position = -1));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await RefusalAsync(City.Archive, Name(id), request => request.Time = new Timestamp { Nanos = -1 }));
    }

    [Fact]
    public async Task Fields_and_purpose_are_checked_as_for_every_read()
    {
        var id = await OpenAsync("checked", ["title"], Text("a"));

        var unknown = await Assert.ThrowsAsync<RpcException>(() => GetAsync(City.Archive, id, request => request.Fields.Add(["title", "colour"])));
        Assert.Equal(
            (StatusCode.InvalidArgument, "fields[1] UNKNOWN_FIELD"),
            (unknown.StatusCode, string.Join(',', unknown.Detail<BadRequest>()!.FieldViolations.Select(bad => $"{bad.Field} {bad.Reason}"))));
        Assert.Equal((StatusCode.InvalidArgument, "PURPOSE_REQUIRED"), await RefusalAsync(City.Archive, Name(id), request => request.Purpose = Purpose.Unspecified));
    }

    [Fact]
    public async Task Values_whose_key_was_destroyed_are_gone_also_from_the_past()
    {
        var id = await OpenAsync("erased-get", ["title", "content"], Text("a"), Text("a sealed story"));
        await ChangeAsync(id, ["content"], Text("another sealed story"));
        var guid = Guid.Parse(id);
        Assert.Equal(
            0L, await city.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE stream_id = '{id}' AND position(convert_to('sealed story', 'UTF8') in payload) > 0"));
        await city.Log.Keys.DestroyAsync(city.Log.Partitions.ForRecord(guid), guid, CancellationToken.None);

        var history = await city.RecordsOf(City.Centre).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = Name(id), Purpose = Purpose.Regulation });

        Assert.Equal("title=a", Shown(await GetAsync(City.Centre, id)));
        Assert.Equal(2, history.Entries.Count(entry => entry.Field is "content" && entry.Value.KindCase is Value.KindOneofCase.None));
    }

    private static string Name(string id) => id.StartsWith("resources/", StringComparison.Ordinal) ? id : $"resources/complaint/records/{id}";

    private static string Shown(Record record) => string.Join(' ', record.Values.Select(value => $"{value.Field}={value.Value.KindCase switch
    {
        Value.KindOneofCase.Text => value.Value.Text,
        Value.KindOneofCase.Integer => value.Value.Integer,
        Value.KindOneofCase.Boolean => value.Value.Boolean,
        _ => value.Value,
    }}"));

    private async Task<Record> GetAsync(Caller caller, string id, Action<GetRecordRequest>? change = null)
    {
        var request = new GetRecordRequest { Name = Name(id), Purpose = Purpose.Regulation };
        change?.Invoke(request);
        return await city.RecordsOf(caller).GetRecordAsync(request);
    }

    private Task<(StatusCode Code, string Reason)> RefusalAsync(Caller caller, string name, Action<GetRecordRequest>? change = null) =>
        TestStatus.RefusalOf(() => GetAsync(caller, name, change));

    private async Task<string> OpenAsync(string sourceId, string[] fields, params Value[] values) =>
        (await city.PushAsync(City.Centre, city.Header(City.Centre, fields), Own(sourceId, values))).Results[0].RecordId;

    private async Task ChangeAsync(string id, string[] fields, params Value[] values)
    {
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, fields), ById(id, values));
        Assert.Equal(RecordOutcome.Accepted, receipt.Results[0].Outcome);
    }

    private Task GrantAsync(string id, Caller reader, params string[] fields) =>
        city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(reader, City.Centre, id, fields)));
}
