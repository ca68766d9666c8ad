using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Audit;

public sealed class LogTests : IAsyncLifetime
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
    public async Task Events_of_records_name_their_fields_and_show_no_value()
    {
        var receipt = await city.PushAsync(
            City.Centre,
            city.Header(City.Centre, "title", "content", "phone"),
            Own("ticket-774411", Text("A planted title"), Text("A planted story"), Text("13812345678")));
        var id = receipt.Results[0].RecordId;
        var partition = city.Log.Partitions.ForRecord(Guid.Parse(id));

        var page = await auditor.ListEventsAsync(new ListEventsRequest { Partition = partition });

        var stored = Assert.Single(page.Events, stored => stored.Stream == id);
        Assert.Equal(("fields-pushed", 1L, "departments/centre", "centre-system"), (stored.Type, stored.Version, stored.Department, stored.Client));
        Assert.Equal("""{"resource":"complaint","opener":"centre","sourceSystem":"centre-desk","purpose":0,"fields":["title"],"sealedFields":["content","phone"],"warnings":[]}""", stored.PayloadJson);
        Assert.Equal(page.Head, page.Events[^1].Position);
        Assert.DoesNotContain(new[] { "planted", "13812345678", "774411" }, value => page.ToString().Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_of_events_is_short_rather_than_larger_than_a_message()
    {
        var content = new string('噪', 190_000);
        for (var version = 1; version <= 12; version++)
        {
            await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "content"), Own("large", Text("large"), Text($"{version} {content}")));
        }

        var partition = city.Log.Partitions.ForRecord(Exchange.Catalog.RecordId.Create(City.Complaint, "centre-desk", "large").Value);
        var positions = new List<long>();
        ListEventsResponse page;
        do
        {
            page = await auditor.ListEventsAsync(new ListEventsRequest { Partition = partition, AfterPosition = positions.LastOrDefault(), PageSize = 500 });
            Assert.InRange(page.Events.Count, 1, 6);
            positions.AddRange(page.Events.Select(stored => stored.Position));
        }
        while (positions[^1] < page.Head);

        Assert.Equal(Enumerable.Range(1, 12).Select(position => (long)position), positions);
    }

    [Fact]
    public async Task Pages_of_events_join_and_their_hashes_are_the_stored_ones()
    {
        for (var number = 0; number < 60; number++)
        {
            await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own($"hash-{number}", Text("a")));
        }

        var partition = (await city.HeadsAsync()).MaxBy(head => head.Value).Key;
        List<LogEvent> events = [];
        ListEventsResponse page;
        do
        {
            page = await auditor.ListEventsAsync(new ListEventsRequest { Partition = partition, AfterPosition = events.Count, PageSize = 2 });
            events.AddRange(page.Events);
        }
        while (events.Count < page.Head);

        Assert.Equal(Enumerable.Range(1, events.Count).Select(position => (long)position), events.Select(stored => stored.Position));
        Assert.Equal(
            await city.ScalarAsync<string>($"SELECT encode(substr(head_hash, 2), 'hex') FROM log.log_partition WHERE partition = {partition}"), events[^1].Hash);
    }

    [Fact]
    public async Task Governance_is_shown_as_it_was_decided_without_secrets()
    {
        await city.Hub.RegisterSecretAsync("archive", "archive-trial");
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "shown-grant", "content")));

        var page = await auditor.ListEventsAsync(new ListEventsRequest { Partition = city.Log.Partitions.Governance, PageSize = 500 });

        var secret = await city.ScalarAsync<string>("SELECT encode(payload, 'escape') FROM log.event WHERE type = 'client-registered' AND position(convert_to('archive-trial', 'UTF8') in payload) > 0");
        Assert.Contains("archive-trial", Assert.Single(page.Events, stored => stored.PayloadJson.Contains("archive-trial", StringComparison.Ordinal)).PayloadJson);
        Assert.Contains("pbkdf2", secret, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("pbkdf2", page.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secretHash", page.ToString());
        Assert.Contains("\"fields\": [ \"content\" ]", Assert.Single(page.Events, stored => stored.Type is "grant-issued").PayloadJson);
    }

    [Fact]
    public async Task Every_type_of_stored_event_is_shown()
    {
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("types", Text("a")));
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "typed", "content")));
        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new Exchange.Catalog.GrantId("typed"), "a test", DateTimeOffset.UtcNow));
        await Assert.ThrowsAsync<RpcException>(async () => await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest()));
        await Assert.ThrowsAsync<RpcException>(async () => await city.RecordsOf(City.Archive).GetRecordAsync(
            new GetRecordRequest { Name = $"resources/complaint/records/{Guid.Empty}", Purpose = Purpose.Regulation }));

        List<LogEvent> events = [];
        foreach (var partition in city.Log.Partitions.All)
        {
            events.AddRange((await auditor.ListEventsAsync(new ListEventsRequest { Partition = partition, PageSize = 500 })).Events);
        }

        Assert.Superset(
            new HashSet<string> { "fields-pushed", "read-intended", "read-completed", "read-refused", "department-registered", "client-registered", "grant-revoked" },
            events.Select(stored => stored.Type).ToHashSet());
        Assert.All(events, stored => Assert.NotEqual("{}", stored.PayloadJson.Replace(" ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_changed_event_is_found_by_verification()
    {
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), [.. Enumerable.Range(0, 100).Select(number => Own($"chain-{number}", Text("a")))]);
        Assert.All(receipt.Results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
        var partition = (await city.HeadsAsync()).MaxBy(head => head.Value).Key;
        var before = await auditor.VerifyLogAsync(new VerifyLogRequest());

        await city.ScalarAsync<long>($"UPDATE log.event SET caller = 'somebody' WHERE partition = {partition} AND position = 2 RETURNING position");
        var after = await auditor.VerifyLogAsync(new VerifyLogRequest());
        var only = await auditor.VerifyLogAsync(new VerifyLogRequest { Partition = partition });

        Assert.Equal(city.Log.Partitions.All, before.Partitions.Select(verified => verified.Partition));
        Assert.All(before.Partitions, verified => Assert.True(verified.Intact));
        Assert.True(before.Partitions.Sum(verified => verified.Events) > 100);
        var bad = Assert.Single(after.Partitions, verified => !verified.Intact);
        Assert.Equal((partition, 2L), (bad.Partition, bad.FirstBadPosition));
        Assert.Equal(bad, Assert.Single(only.Partitions));
    }

    [Fact]
    public async Task The_log_is_for_auditors_and_the_operator()
    {
        var steward = new AuditCaller((await city.Hub.RegisterAsync("archive", "archive-steward", Role.Steward)).Invoker);
        var system = new AuditCaller(city.ClientOf(City.Archive).Invoker);
        var request = new ListEventsRequest { Partition = city.Log.Partitions.Governance };

        Assert.NotEmpty((await new AuditCaller(city.Hub.Operator.Invoker).ListEventsAsync(request)).Events);
        foreach (var refused in new[] { steward, system })
        {
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await refused.ListEventsAsync(request)));
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await refused.VerifyLogAsync(new VerifyLogRequest())));
        }
    }

    [Fact]
    public async Task A_partition_that_is_not_there_is_not_found()
    {
        Assert.Equal(
            (StatusCode.NotFound, "PARTITION_NOT_FOUND"), await TestStatus.RefusalOf(async () => await auditor.ListEventsAsync(new ListEventsRequest { Partition = 7 })));
        Assert.Equal(
            (StatusCode.NotFound, "PARTITION_NOT_FOUND"), await TestStatus.RefusalOf(async () => await auditor.VerifyLogAsync(new VerifyLogRequest { Partition = -1 })));
        Assert.Equal(
            (StatusCode.InvalidArgument, "BAD_REQUEST"),
            await TestStatus.RefusalOf(async () => await auditor.ListEventsAsync(new ListEventsRequest { Partition = 1000, AfterPosition = -1 })));
    }
}
