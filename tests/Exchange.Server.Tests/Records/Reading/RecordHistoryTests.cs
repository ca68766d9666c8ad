using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Grpc.Core;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Reading;

public sealed class RecordHistoryTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_history_tells_per_field_who_wrote_it_when_and_from_where_newest_first()
    {
        var id = await OpenAsync("history", ["title", "responsible"], Text("first"), Code("housing"));
        await PushAsync(City.Housing, ["status", "result"], ById(id, Code("open"), Text("on it")));
        await PushAsync(City.Centre, ["title"], ById(id, Text("second")));

        var entries = (await HistoryAsync(City.Housing, id)).Entries;

        Assert.Equal(
            [
                "3 title=second centre centre-system centre-desk",
                "2 status=open housing housing-system housing-desk",
                "2 result=on it housing housing-system housing-desk",
                "1 title=first centre centre-system centre-desk",
                "1 responsible=housing centre centre-system centre-desk",
            ],
            entries.Select(entry => $"{entry.Version} {entry.Field}={entry.Value.Text}{entry.Value.Code} {entry.Department} {entry.Client} {entry.SourceSystem}"));
        Assert.Equal(entries.Select(entry => entry.RecordTime).OrderDescending(), entries.Select(entry => entry.RecordTime));
        Assert.All(entries, entry => Assert.False(entry.Proposed || entry.Masked));
    }

    [Fact]
    public async Task Only_what_the_reader_may_see_now_and_might_have_seen_then_is_told()
    {
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Grid, City.Centre, "history-grant", "content", "phone")));
        var id = await OpenAsync("history-hidden", ["title", "content", "phone", "secret_note"], Text("a"), Text("open story"), Text("13800001111"), Text("note"));
        await PushAsync(City.Centre, ["confidential", "content"], ById(id, new Value { Boolean = true }, Text("hidden story")));
        Assert.Equal(["confidential", "title"], (await HistoryAsync(City.Grid, id)).Entries.Select(entry => entry.Field).Distinct().Order());
        await PushAsync(City.Centre, ["confidential", "content"], ById(id, new Value { Boolean = false }, Text("open again")));

        var entries = (await HistoryAsync(City.Grid, id)).Entries;

        Assert.Equal(["open again", "open story"], entries.Where(entry => entry.Field is "content").Select(entry => entry.Value.Text));
        var phone = Assert.Single(entries, entry => entry.Field is "phone");
        Assert.Equal((true, "＊1111"), (phone.Masked, phone.Value.Text));
        Assert.DoesNotContain(entries, entry => entry.Field is "secret_note");
    }

    [Fact]
    public async Task Proposals_stand_in_the_history_for_the_owner_and_who_proposed_and_warnings_for_all()
    {
        var opened = new PushedRecord { SourceId = "history-proposed", Values = { Text("a") }, Warnings = { "CLOSED_BEFORE_OPENED" } };
        var id = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), opened)).Results[0].RecordId;
        var header = city.Header(City.Housing, "title");
        header.UnownedFields = UnownedFields.Propose;
        await city.PushAsync(City.Housing, header, ById(id, Text("better")));

        var (entries, proposers, others) = ((await HistoryAsync(City.Centre, id)).Entries, (await HistoryAsync(City.Housing, id)).Entries, (await HistoryAsync(City.Archive, id)).Entries);

        Assert.Equal([(true, "better"), (false, "a")], entries.Select(entry => (entry.Proposed, entry.Value.Text)));
        Assert.Equal(entries, proposers);
        Assert.Equal([entries[1]], others);
        Assert.Equal(["CLOSED_BEFORE_OPENED"], entries[1].Warnings);
        var record = await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = Name(id), Purpose = Purpose.Regulation });
        Assert.Equal("a", record.Values[0].Value.Text);
    }

    [Fact]
    public async Task Warnings_of_a_row_are_told_to_those_who_may_see_all_that_it_changed()
    {
        var opened = new PushedRecord { SourceId = "history-warned", Values = { Text("a"), Text("b") }, Warnings = { "PHONE_IN_NOTE" } };
        var id = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "secret_note"), opened)).Results[0].RecordId;

        var outside = Assert.Single((await HistoryAsync(City.Archive, id)).Entries);
        var owner = (await HistoryAsync(City.Centre, id)).Entries;

        Assert.Equal(("title", 0), (outside.Field, outside.Warnings.Count));
        Assert.All(owner, entry => Assert.Equal(["PHONE_IN_NOTE"], entry.Warnings));
    }

    [Fact]
    public async Task Pages_join_without_gap_or_repeat_while_the_record_goes_on_changing()
    {
        var id = await OpenAsync("history-pages", ["title", "calls"], Text("0"), new Value { Integer = 0 });
        for (var round = 1; round <= 9; round++)
        {
            await PushAsync(City.Centre, ["title", "calls"], ById(id, Text($"{round}"), new Value { Integer = round }));
        }

        var all = (await HistoryAsync(City.Archive, id)).Entries;
        List<HistoryEntry> paged = [];
        var token = "";
        do
        {
            var page = await HistoryAsync(City.Archive, id, request => (request.PageSize, request.PageToken) = (3, token));
            paged.AddRange(page.Entries);
            token = page.NextPageToken;
            await PushAsync(City.Centre, ["title"], ById(id, Text($"while paging {paged.Count}")));
        }
        while (token.Length > 0);

        Assert.Equal(20, all.Count);
        Assert.Equal(all, paged);
    }

    [Theory]
    [InlineData("tampered")]
    [InlineData("another record's")]
    [InlineData("another client's")]
    public async Task A_page_token_that_is_not_of_this_list_is_refused(string which)
    {
        var id = await OpenAsync($"token {which}", ["title", "calls"], Text("a"), new Value { Integer = 1 });
        var other = await OpenAsync($"token other {which}", ["title", "calls"], Text("a"), new Value { Integer = 1 });
        var page = await HistoryAsync(
            which is "another client's" ? City.Traffic : City.Archive, which is "another record's" ? other : id, request => request.PageSize = 1);
        Assert.NotEmpty(page.NextPageToken);
        var token = which is "tampered" ? (page.NextPageToken[0] is 'A' ? 'B' : 'A') + page.NextPageToken[1..] : page.NextPageToken;

        Assert.Equal(
            (StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => HistoryAsync(City.Archive, id, request => request.PageToken = token)));
    }

    [Fact]
    public async Task The_history_of_an_absent_record_is_not_found() => Assert.Equal(
        (StatusCode.NotFound, "RECORD_NOT_FOUND"), await TestStatus.RefusalOf(() => HistoryAsync(City.Archive, Guid.NewGuid().ToString())));

    private static string Name(string id) => $"resources/complaint/records/{id}";

    private async Task<GetRecordHistoryResponse> HistoryAsync(Caller caller, string id, Action<GetRecordHistoryRequest>? change = null)
    {
        var request = new GetRecordHistoryRequest { Name = Name(id), Purpose = Purpose.Regulation };
        change?.Invoke(request);
        return await city.RecordsOf(caller).GetRecordHistoryAsync(request);
    }

    private async Task<string> OpenAsync(string sourceId, string[] fields, params Value[] values) =>
        (await city.PushAsync(City.Centre, city.Header(City.Centre, fields), Own(sourceId, values))).Results[0].RecordId;

    private async Task PushAsync(Caller caller, string[] fields, PushedRecord record) =>
        Assert.Equal(RecordOutcome.Accepted, (await city.PushAsync(caller, city.Header(caller, fields), record)).Results[0].Outcome);
}
