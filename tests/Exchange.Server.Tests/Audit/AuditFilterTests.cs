using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Audit;

public sealed class AuditFilterTests : IAsyncLifetime
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
    public async Task Entries_are_found_by_resource_field_client_purpose_action_and_outcome()
    {
        var name = await PushAsync();
        await GetAsync(City.Archive, name, Purpose.Regulation, "title");
        await GetAsync(City.Traffic, name, Purpose.Analysis, "title", "place");
        await TestStatus.RefusalOf(() => GetAsync(City.Traffic, name, Purpose.Regulation, "grid_note"));
        await TestStatus.RefusalOf(() => GetAsync(City.Archive, $"{name[..^1]}{(name[^1] is 'a' ? 'b' : 'a')}", Purpose.Regulation, "title"));
        await city.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Emergency });
        var whole = await FindAsync(new ListAuditEntriesRequest());

        Assert.Equal(["archive history OK", "archive get NOT_FOUND", "traffic refused PERMISSION_DENIED", "traffic get OK", "archive get OK"], whole);
        Assert.Equal(whole, await FindAsync(new ListAuditEntriesRequest { Resource = "resources/complaint" }));
        Assert.Equal([whole[0], whole[3]], await FindAsync(new ListAuditEntriesRequest { Resource = "resources/complaint", Field = "place" }));
        Assert.Equal([whole[2]], await FindAsync(new ListAuditEntriesRequest { Resource = "resources/complaint", Field = "grid_note" }));
        Assert.Equal([whole[2], whole[3]], await FindAsync(new ListAuditEntriesRequest { Client = "traffic-system" }));
        Assert.Equal([], await FindAsync(new ListAuditEntriesRequest { Client = "traffic-system", Department = "departments/archive" }));
        Assert.Equal([whole[3]], await FindAsync(new ListAuditEntriesRequest { Purpose = Purpose.Analysis }));
        Assert.Equal([whole[1], whole[3], whole[4]], await FindAsync(new ListAuditEntriesRequest { Action = "get" }));
        Assert.Equal([whole[2]], await FindAsync(new ListAuditEntriesRequest { Action = "refused" }));
        Assert.Equal([whole[0], whole[3], whole[4]], await FindAsync(new ListAuditEntriesRequest { Outcome = "OK" }));
        Assert.Equal([whole[1]], await FindAsync(new ListAuditEntriesRequest { Outcome = "NOT_FOUND" }));
        Assert.Equal([], await FindAsync(new ListAuditEntriesRequest { Unfinished = true }));
    }

    [Fact]
    public async Task Entries_are_found_by_the_time_they_began_from_and_before()
    {
        var name = await PushAsync();
        for (var read = 0; read < 12; read++)
        {
            await GetAsync(City.Archive, name, Purpose.Regulation, "title");
        }

        var whole = (await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest())).Entries;
        var (from, until) = (whole[8].StartTime, whole[2].StartTime);
        var between = (await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { StartTime = from, EndTime = until })).Entries;

        Assert.Equal(whole.Where(entry => entry.StartTime >= from && entry.StartTime < until), between);
        Assert.Equal([], await FindAsync(new ListAuditEntriesRequest { StartTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(1)) }));
        Assert.Equal([], await FindAsync(new ListAuditEntriesRequest { EndTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) }));
        Assert.Equal(12, (await FindAsync(new ListAuditEntriesRequest { EndTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(1)) })).Count);
    }

    [Fact]
    public async Task Pages_of_a_filtered_list_join_whether_outcomes_are_asked_for_or_not()
    {
        var name = await PushAsync();
        for (var read = 0; read < 40; read++)
        {
            await GetAsync(read % 3 is 0 ? City.Traffic : City.Archive, name, Purpose.Regulation, "title");
        }

        foreach (var request in new[] { new ListAuditEntriesRequest { Client = "traffic-system" }, new ListAuditEntriesRequest { Client = "traffic-system", Outcome = "OK" } })
        {
            var whole = (await auditor.ListAuditEntriesAsync(request)).Entries;
            List<AuditEntry> paged = [];
            do
            {
                var page = await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest(request) { PageSize = 3, PageToken = request.PageToken });
                paged.AddRange(page.Entries);
                request.PageToken = page.NextPageToken;
                await GetAsync(City.Traffic, name, Purpose.Regulation, "title");
            }
            while (request.PageToken.Length > 0);

            Assert.Equal(whole, paged);
        }
    }

    [Fact]
    public async Task What_is_wrong_with_a_filter_comes_at_once_and_unknown_things_are_told()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => FindAsync(new ListAuditEntriesRequest
        {
            Department = "traffic", Owner = "grid", Field = "title", Purpose = (Purpose)77, Action = "look", Outcome = "FINE", Unfinished = true,
            StartTime = new Timestamp { Seconds = -5 }, EndTime = new Timestamp { Nanos = -1 },
        }));
        Task<(StatusCode, string)> Refusal(ListAuditEntriesRequest request) => TestStatus.RefusalOf(() => FindAsync(request));

        Assert.Equal(
            ["action", "department", "end_time", "outcome", "owner", "purpose", "resource", "start_time", "unfinished"],
            exception.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), await Refusal(new ListAuditEntriesRequest { Resource = "resources/nothing" }));
        Assert.Equal((StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"), await Refusal(new ListAuditEntriesRequest { Owner = "departments/nobody" }));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await Refusal(new ListAuditEntriesRequest { Resource = "resources/complaint", Field = "colour" }));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await Refusal(new ListAuditEntriesRequest
        {
            StartTime = new Timestamp { Seconds = 2_000 }, EndTime = new Timestamp { Seconds = 1_000 },
        }));
    }

    private async Task<List<string>> FindAsync(ListAuditEntriesRequest request) =>
    [
        .. (await auditor.ListAuditEntriesAsync(request)).Entries.Select(entry => $"{entry.Department["departments/".Length..]} {entry.Action} {entry.Outcome}"),
    ];

    private async Task<string> PushAsync()
    {
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("one", Text("found")));
        return $"resources/complaint/records/{receipt.Results[0].RecordId}";
    }

    private async Task GetAsync(Exchange.Catalog.Caller caller, string name, Purpose purpose, params string[] fields) =>
        await city.RecordsOf(caller).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = purpose, Fields = { fields } });
}
