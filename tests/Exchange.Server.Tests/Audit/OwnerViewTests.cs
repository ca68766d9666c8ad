using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Audit;

public sealed class OwnerViewTests : IAsyncLifetime
{
    private readonly CityHub city = new();
    private AuditCaller auditor = null!;

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        auditor = new AuditCaller((await city.Hub.RegisterAsync("supervision", "supervision-auditor", Role.Auditor)).Invoker);
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task An_owner_sees_who_read_its_field_and_nothing_of_the_fields_of_others()
    {
        var name = await OpenAsync(City.Centre, "placed", "");
        await city.PushAsync(City.Grid, city.Header(City.Grid, "place"), ById(name[^36..], new Value { Point = new Point { Latitude = 24.5, Longitude = 118.1 } }));
        await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Fields = { "title", "place", "calls" } });
        await PullAsync(City.Archive, new PullRequest { Filter = "title = \"placed\"", OrderBy = "calls", Fields = { "title", "place" } });
        await PullAsync(City.Archive, new PullRequest { Fields = { "title" } });

        var seen = await ListAsync(await StewardAsync("grid"), new ListAuditEntriesRequest { Owner = "departments/grid" });
        var whole = await ListAsync(auditor, new ListAuditEntriesRequest { Owner = "departments/grid" });

        Assert.Equal(["pull 1 OK place", "get 1 OK place"], seen.Select(entry => $"{entry.Action} {entry.Rows} {entry.Outcome} {string.Join(',', entry.Fields)}"));
        Assert.All(seen, entry =>
        {
            Assert.Equal(("departments/archive", "archive-system", "resources/complaint", (int)Purpose.Regulation), (entry.Department, entry.Client, entry.Resource, entry.Purpose));
            Assert.Equal((true, "place", "place"), (entry.OwnerView, Assert.Single(entry.MaskedFields), Assert.Single(entry.Masks).Field));
            Assert.Equal(("", "", 0, 0, 0), (entry.FilterFingerprint, entry.OrderBy, entry.BeginPositions.Count, entry.EndPositions.Count, entry.OwnerRows.Count));
            Assert.True(entry.EndTime >= entry.StartTime);
        });
        Assert.Equal(["", name], seen.Select(entry => entry.Record));
        Assert.Equal(["calls", ""], whole.Select(entry => entry.OrderBy));
        Assert.All(whole, entry => Assert.False(entry.OwnerView));
        Assert.Equal(seen.Select(entry => entry.Name), whole.Select(entry => entry.Name));
    }

    [Fact]
    public async Task Whose_records_were_read_is_counted_by_opener_and_by_the_department_that_a_record_names()
    {
        await OpenAsync(City.Centre, "one", "housing");
        await OpenAsync(City.Centre, "two", "");
        var handled = await OpenAsync(City.Grid, "three", "housing");
        await city.PushAsync(City.Housing, city.Header(City.Housing, "status"), ById(handled[^36..], Code("open")));
        await PullAsync(City.Archive, new PullRequest { Fields = { "title", "status" } });
        await PullAsync(City.Archive, new PullRequest { Fields = { "title" }, Filter = "title = \"two\"" });
        await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = handled, Purpose = Purpose.Regulation });
        await city.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = handled, Purpose = Purpose.Regulation });

        var whole = await ListAsync(auditor, new ListAuditEntriesRequest());
        async Task<string[]> SeenBy(string department) =>
            [.. (await ListAsync(await StewardAsync(department), new ListAuditEntriesRequest { Owner = $"departments/{department}" })).Select(entry =>
                $"{entry.Action} {entry.Rows}{(entry.Fields.Count > 2 ? "" : " " + string.Join(',', entry.Fields))}")];

        Assert.Equal(
            ["history grid 3 housing 1", "get grid 1 housing 1", "pull centre 1", "pull centre 2 grid 1 housing 1"],
            whole.Select(entry => $"{entry.Action} {string.Join(' ', entry.OwnerRows.Select(rows => $"{rows.Department["departments/".Length..]} {rows.Rows}"))}"));
        var (centre, housing, traffic, grid) = (await SeenBy("centre"), await SeenBy("housing"), await SeenBy("traffic"), await SeenBy("grid"));
        Assert.Equal(["pull 1 title", "pull 2 title"], centre);
        Assert.Equal(["history 1 status,result", "get 1 status,result", "pull 1 status"], housing);
        Assert.Equal([], traffic);
        Assert.Equal(["history 4", "get 1", "pull 1 title"], grid);
    }

    [Fact]
    public async Task A_follow_counts_its_changes_by_the_owners_of_what_they_show()
    {
        var handled = await OpenAsync(City.Centre, "one", "");
        await OpenAsync(City.Grid, "two", "traffic");
        using (var follower = await Follower.BeginAsync(
            city.FeedOf(City.Archive), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Beginning = true, Fields = { "title", "status" } }))
        {
            await follower.ReadUntilAsync(() => follower.Changes.Count is 2);
            await city.PushAsync(City.Centre, city.Header(City.Centre, "responsible", "title"), ById(handled[^36..], Code("housing"), Text("later")));
            await follower.ReadUntilAsync(() => follower.Changes.Count is 3);
            await city.PushAsync(City.Housing, city.Header(City.Housing, "status"), ById(handled[^36..], Code("open")));
            await follower.ReadUntilAsync(() => follower.Changes.Count is 4);
        }

        await city.EventsAsync("read-completed", "CANCELLED", TimeSpan.FromSeconds(30));

        var entry = Assert.Single(await ListAsync(auditor, new ListAuditEntriesRequest()));
        Assert.Equal(
            ["centre 3", "grid 1", "housing 2", "traffic 1"], entry.OwnerRows.Select(rows => $"{rows.Department["departments/".Length..]} {rows.Rows}"));
        Assert.Equal(4, entry.Rows);
        var seen = Assert.Single(await ListAsync(await StewardAsync("housing"), new ListAuditEntriesRequest { Owner = "departments/housing" }));
        Assert.Equal((2, "status"), (seen.Rows, Assert.Single(seen.Fields)));
    }

    [Fact]
    public async Task An_owner_that_a_record_named_when_it_was_so_and_the_one_of_now_both_see_who_looked_back()
    {
        var name = await OpenAsync(City.Centre, "moved", "housing");
        await city.PushAsync(City.Housing, city.Header(City.Housing, "status"), ById(name[^36..], Code("open")));
        var history = await city.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Analysis });
        var then = history.Entries.First(entry => entry.Field is "status").Position;
        await city.PushAsync(City.Centre, city.Header(City.Centre, "responsible"), ById(name[^36..], Code("traffic")));
        await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Position = then });

        var entry = (await ListAsync(auditor, new ListAuditEntriesRequest { PageSize = 1 }))[0];

        Assert.Equal(["centre 1", "housing 1", "traffic 1"], entry.OwnerRows.Select(rows => $"{rows.Department["departments/".Length..]} {rows.Rows}"));
    }

    [Fact]
    public async Task A_read_without_outcome_concerns_every_department_that_may_have_owned_what_was_read()
    {
        await OpenAsync(City.Centre, "open", "");
        using var follower = await Follower.BeginAsync(
            city.FeedOf(City.Archive), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Beginning = true, Fields = { "title" } });
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);
        await city.EventsAsync("read-intended", "follow", TimeSpan.FromSeconds(30));

        var unfinished = new ListAuditEntriesRequest { Owner = "departments/traffic", Unfinished = true };
        var entry = Assert.Single(await ListAsync(await StewardAsync("traffic"), unfinished));

        Assert.Equal(("follow", "", 0L, "title"), (entry.Action, entry.Outcome, entry.Rows, Assert.Single(entry.Fields)));
        Assert.Null(entry.EndTime);
    }

    [Fact]
    public async Task A_steward_asks_about_its_own_departments_fields_only_and_may_name_any_reader()
    {
        await OpenAsync(City.Centre, "asked", "");
        await PullAsync(City.Archive, new PullRequest { Fields = { "title" } });
        await PullAsync(City.Traffic, new PullRequest { Fields = { "title", "grid_note" } }, isRefused: true);
        await PullAsync(City.Traffic, new PullRequest { Fields = { "title" } });
        var (centre, grid) = (await StewardAsync("centre"), await StewardAsync("grid"));

        Assert.Equal(["traffic", "archive"], Readers(await ListAsync(centre, new ListAuditEntriesRequest { Owner = "departments/centre" })));
        Assert.Equal(["archive"], Readers(await ListAsync(centre, new ListAuditEntriesRequest { Owner = "departments/centre", Department = "departments/archive" })));
        var refused = Assert.Single(await ListAsync(grid, new ListAuditEntriesRequest { Owner = "departments/grid" }));
        Assert.Equal(("refused", "pull", "READ_DENIED", "grid_note"), (refused.Action, refused.RefusedAction, refused.Reason, Assert.Single(refused.Fields)));
        Assert.Equal([], await ListAsync(grid, new ListAuditEntriesRequest { Owner = "departments/grid", Resource = "resources/complaint", Field = "title" }));
        Assert.Equal([], await ListAsync(grid, new ListAuditEntriesRequest()));
        Assert.Equal(
            (StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"),
            await TestStatus.RefusalOf(() => ListAsync(grid, new ListAuditEntriesRequest { Owner = "departments/centre" })));
        Assert.Equal(
            (StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"),
            await TestStatus.RefusalOf(() => ListAsync(grid, new ListAuditEntriesRequest { Owner = "departments/nobody" })));
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(() => ListAsync(new AuditCaller(city.ClientOf(City.Grid).Invoker), new ListAuditEntriesRequest { Owner = "departments/grid" })));
    }

    private static IEnumerable<string> Readers(IEnumerable<AuditEntry> entries) => entries.Select(entry => entry.Department["departments/".Length..]);

    private static async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditCaller caller, ListAuditEntriesRequest request) => (await caller.ListAuditEntriesAsync(request)).Entries;

    private async Task<AuditCaller> StewardAsync(string department) => new((await city.Hub.RegisterAsync(department, department + "-steward", Role.Steward)).Invoker);

    private async Task<string> OpenAsync(Caller opener, string title, string responsible)
    {
        var receipt = await city.PushAsync(
            opener, city.Header(opener, "title", "calls", "responsible"), Own(title, Text(title), new Value { Integer = 1 }, responsible.Length > 0 ? Code(responsible) : NotSent));
        return $"resources/complaint/records/{receipt.Results[0].RecordId}";
    }

    private async Task PullAsync(Caller reader, PullRequest request, bool isRefused = false)
    {
        (request.Resource, request.Purpose) = ("resources/complaint", Purpose.Regulation);
        using var pull = city.RecordsOf(reader).Pull(request);
        if (isRefused)
        {
            await TestStatus.RefusalOf(async () => await pull.ResponseStream.MoveNext(CancellationToken.None));
            return;
        }

        await pull.ResponseStream.ReadAllAsync().LastAsync();
    }
}
