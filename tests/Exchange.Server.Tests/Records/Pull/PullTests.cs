using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;
using Purpose = Exchange.Protos.V1.Purpose;

namespace Exchange.Server.Tests.Records.Pull;

public sealed class PullTests(CityHub city) : IClassFixture<CityHub>, IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        // The same each time: a repeated push changes nothing.
        var header = city.Header(City.Centre, "title", "content", "phone", "confidential", "responsible", "calls", "tags", "secret_note");
        await city.PushAsync(
            City.Centre,
            header,
            Own("p1", Text("噪音 noise"), Text("next door"), Text("0571-1234567"), NotSent, Code("housing"), new Value { Integer = 5 }, NotSent, Text("s")),
            Own("p2", Text("漏水"), Text("the roof"), Text("0571-7654321"), new Value { Boolean = true }, Code("traffic"), NotSent, NotSent, NotSent),
            Own("p3", Text("parking"), NotSent, NotSent, NotSent, NotSent, new Value { Integer = -1 }, new Value { TextList = new TextList { Values = { "car", "night" } } }, NotSent));
        await city.PushAsync(City.Grid, city.Header(City.Grid, "place"), OpenedAs("centre-desk", "p1", new Value { Point = new Point { Latitude = 30.123456, Longitude = 120.654321 } }));
        await city.PushAsync(City.Housing, city.Header(City.Housing, "status", "result"), OpenedAs("centre-desk", "p1", Code("done"), Text("talked to them")));
        if (!city.State.Grants.ContainsKey("to-archive"))
        {
            await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "to-archive", "content", "phone")));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_opener_gets_every_value_of_its_own_fields()
    {
        var pulled = await PullAsync(City.Centre, "source_id = \"p1\"", "title", "content", "phone", "calls", "secret_note", "result", "place");

        Assert.Equal(
            [
                "{ \"text\": \"噪音 noise\" }", "{ \"text\": \"next door\" }", "{ \"text\": \"0571-1234567\" }", "{ \"integer\": \"5\" }", "{ \"text\": \"s\" }",
            ],
            ((string[])["title", "content", "phone", "calls", "secret_note"]).Select(field => pulled.Column(field).Single()));
        Assert.Equal(2, pulled.Rows.Single().Version - 1);
        Assert.Equal(RecordId.Create(City.Complaint, "centre-desk", "p1").Value, pulled.Ids.Single());
        Assert.Equal(1, pulled.End?.Rows);
    }

    [Fact]
    public async Task Without_a_list_of_fields_every_readable_one_comes_and_no_other()
    {
        var pulled = await PullAsync(City.Traffic, "source_id = \"p1\"");

        // What the opener owns may be its own; what the grid centre shares on request is never there.
        Assert.Equal(City.Fields.Select(field => field.Name).Where(name => name is not "grid_note"), pulled.Start.Columns.Select(column => column.Field));
        Assert.Equal(["", "", "", ""], ((string[])["content", "phone", "result", "secret_note"]).Select(field => pulled.Column(field).Single()));
        Assert.Equal(["{ \"text\": \"噪音 noise\" }"], pulled.Column("title"));
    }

    [Fact]
    public async Task A_masked_value_leaves_masked_and_the_columns_say_which_masks_may_stand()
    {
        var pulled = await PullAsync(City.Archive, "", "phone", "place", "title");

        var phones = pulled.Column("phone");
        Assert.Contains("{ \"text\": \"＊4567\" }", phones);
        Assert.DoesNotContain(phones, phone => phone.Contains("0571", StringComparison.Ordinal));
        Assert.Equal(MaskKind.ShowLastN, pulled.Start.Columns[0].Masks.Single().Kind);
        Assert.Equal(MaskKind.TruncateGeo, pulled.Start.Columns[1].Masks.Single().Kind);
        Assert.Empty(pulled.Start.Columns[2].Masks);
        Assert.DoesNotContain(pulled.Column("place"), place => place.Contains("30.123456", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fields_about_a_person_stay_away_where_the_record_is_confidential()
    {
        var pulled = await PullAsync(City.Archive, "source_id = \"p1\" OR source_id = \"p2\"", "content", "title");

        Assert.Equal(["", "{ \"text\": \"next door\" }"], pulled.Column("content").Order());
        Assert.Equal(2, pulled.Rows.Count());
    }

    [Fact]
    public async Task A_field_that_only_some_rows_show_is_empty_in_the_others()
    {
        var pulled = await PullAsync(City.Housing, "source_id != \"p3\"", "result", "responsible");

        Assert.Equal(
            ["{ \"code\": \"housing\" } { \"text\": \"talked to them\" }", "{ \"code\": \"traffic\" } "],
            pulled.Column("responsible").Zip(pulled.Column("result"), (code, result) => $"{code} {result}").Order());
    }

    [Theory]
    [InlineData("calls > 0", "p1")]
    [InlineData("NOT calls > 0", "p2,p3")]
    [InlineData("calls:*", "p1,p3")]
    [InlineData("tags:\"night\"", "p3")]
    [InlineData("responsible = housing OR responsible = traffic", "p1,p2")]
    [InlineData("title : \"噪音\"", "p1")]
    [InlineData("title : noise", "p1")]
    [InlineData("title : nois", "")]
    [InlineData("NOT title : \"漏水\" AND create_time > 2020-01-01T00:00:00+08:00", "p1,p3")]
    [InlineData("(confidential = true OR calls = -1) AND opener_department = centre", "p2,p3")]
    public async Task A_filter_chooses_rows(string filter, string expected)
    {
        var pulled = await PullAsync(City.Centre, filter, "title");

        string[] ids = expected.Length is 0 ? [] : expected.Split(',');
        Assert.Equal(ids.Select(id => RecordId.Create(City.Complaint, "centre-desk", id).Value).Order(), pulled.Ids.Order());
    }

    [Theory]
    [InlineData("calls", "p3,p1,p2")]
    [InlineData("calls desc", "p1,p3,p2")]
    [InlineData("title", "p3,p1,p2")]
    [InlineData("source_id desc", "p3,p2,p1")]
    public async Task An_order_puts_rows_without_a_value_last(string order, string expected)
    {
        var pulled = await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(Request("", order, "title")));

        Assert.Equal(expected.Split(',').Select(id => RecordId.Create(City.Complaint, "centre-desk", id).Value), pulled.Ids);
    }

    [Fact]
    public async Task A_limit_ends_the_pull()
    {
        var request = Request("", "calls", "title");
        request.Limit = 2;

        var pulled = await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(request));

        Assert.Equal((2, 2), (pulled.Rows.Count(), pulled.End?.Rows));
    }

    [Theory]
    [InlineData("nothing = 1", "", "filter UNKNOWN_FIELD 0")]
    [InlineData("title = ", "", "filter SYNTAX 8")]
    [InlineData("calls = many", "", "filter WRONG_TYPE 8")]
    [InlineData("calls = 1 AND due < 2015", "", "filter WRONG_TYPE 20")]
    [InlineData("accepted_at > 2015-01-31T08:00:00", "", "filter ZONE_REQUIRED 14")]
    [InlineData("status : open", "", "filter WRONG_OPERATOR 0")]
    [InlineData("", "nothing", "order_by UNKNOWN_FIELD 0")]
    [InlineData("", "title up", "order_by SYNTAX 8")]
    [InlineData("", "tags", "order_by WRONG_TYPE 0")]
    [InlineData("title = \"a\0\"", "", "filter INVALID_CHARACTER 10")]
    [InlineData("", " phone desc", "order_by UNREADABLE_FIELD 1")]
    [InlineData("", "grid_note", "order_by UNREADABLE_FIELD 0")]
    [InlineData("", "secret_note desc", "order_by UNREADABLE_FIELD 0")]
    [InlineData("grid_note:*", "", "filter UNREADABLE_FIELD 0")]
    [InlineData("phone = 1", "", "filter UNREADABLE_FIELD 0")]
    [InlineData("calls = 1 OR content : roof", "", "filter UNREADABLE_FIELD 13")]
    [InlineData("secret_note:*", "", "filter UNREADABLE_FIELD 0")]
    [InlineData("place:*", "", "filter UNREADABLE_FIELD 0")]
    public async Task A_bad_filter_or_order_is_refused_with_position_and_reason(string filter, string order, string violation)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => Pulled.AllOf(city.RecordsOf(City.Archive).Pull(Request(filter, order, "title"))));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        var bad = exception.Detail<BadRequest>()!.FieldViolations.First();
        var parts = violation.Split(' ');
        Assert.Equal((parts[0], parts[1]), (bad.Field, bad.Reason));
        Assert.StartsWith($"at character {parts[2]}: ", bad.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_may_not_be_read_is_denied_with_the_next_step_and_audited()
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => PullAsync(City.Traffic, "", "title", "grid_note"));

        Assert.Equal((StatusCode.PermissionDenied, "READ_DENIED"), (refusal.StatusCode, refusal.Reason()));
        Assert.Contains("grant", refusal.Status.Detail, StringComparison.Ordinal);
        var refused = await LastAuditAsync("read-refused", Protos.Stored.V1.ReadRefused.Parser);
        Assert.Equal(("pull", "complaint", "READ_DENIED"), (refused.Action, refused.Resource, refused.Reason));
    }

    [Fact]
    public async Task Bad_requests_are_refused()
    {
        var noPurpose = Request("", "", "title");
        noPurpose.Purpose = Purpose.Unspecified;
        var noResource = Request("", "", "title");
        noResource.Resource = "resources/nothing";
        var noName = Request("", "", "title");
        noName.Resource = "complaint";
        var noField = Request("", "", "title", "nothing");
        var negative = Request("", "", "title");
        negative.Limit = -1;

        Assert.Equal((StatusCode.InvalidArgument, "PURPOSE_REQUIRED"), await RefusalOf(noPurpose));
        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), await RefusalOf(noResource));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await RefusalOf(noName));
        var unknown = await Assert.ThrowsAsync<RpcException>(() => Pulled.AllOf(city.RecordsOf(City.Centre).Pull(noField)));
        Assert.Equal(
            (StatusCode.InvalidArgument, "fields[1] UNKNOWN_FIELD"),
            (unknown.StatusCode, string.Join(',', unknown.Detail<BadRequest>()!.FieldViolations.Select(bad => $"{bad.Field} {bad.Reason}"))));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await RefusalOf(negative));
    }

    [Fact]
    public async Task A_read_stands_in_the_audit_trail_with_its_outcome()
    {
        await PullAsync(City.Archive, "calls = 5", "title", "phone");

        var intended = await LastAuditAsync("read-intended", Protos.Stored.V1.ReadIntended.Parser);
        var completed = await LastAuditAsync("read-completed", Protos.Stored.V1.ReadCompleted.Parser);
        Assert.Equal(("pull", "complaint", (int)Purpose.Regulation), (intended.Action, intended.Resource, intended.Purpose));
        Assert.Equal((["title", "phone"], ["phone"]), (intended.Fields, intended.MaskedFields));
        Assert.Matches("^[0-9a-f]{32}$", intended.FilterFingerprint);
        Assert.Equal((1, "OK"), (completed.Rows, completed.Status));
    }

    [Fact]
    public async Task Only_department_systems_pull_and_other_methods_of_the_service_stay_what_they_are()
    {
        var auditor = new Caller(City.Archive.Department, new ClientId("archive-auditor"), Exchange.Catalog.Role.Auditor);
        await city.RegisterAsync(auditor);

        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => PullAsync(auditor, "", "title")));
        var refused = await LastAuditAsync("read-refused", Protos.Stored.V1.ReadRefused.Parser);
        Assert.Equal(("pull", "complaint", "ROLE_REQUIRED", "PERMISSION_DENIED"), (refused.Action, refused.Resource, refused.Reason, refused.Status));
    }

    private Task<Pulled> PullAsync(Caller caller, string filter, params string[] fields) => Pulled.AllOf(city.RecordsOf(caller).Pull(Request(filter, "", fields)));

    private Task<(StatusCode Code, string Reason)> RefusalOf(PullRequest request) => TestStatus.RefusalOf(() => Pulled.AllOf(city.RecordsOf(City.Centre).Pull(request)));

    private static PullRequest Request(string filter, string order, params string[] fields) =>
        new() { Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = filter, OrderBy = order, Fields = { fields } };

    private async Task<T> LastAuditAsync<T>(string type, Google.Protobuf.MessageParser<T> parser)
        where T : Google.Protobuf.IMessage<T> => parser.ParseFrom(await city.ScalarAsync<byte[]>(
            $"SELECT payload FROM log.event WHERE type = '{type}' ORDER BY recorded_at DESC, position DESC LIMIT 1"));
}
