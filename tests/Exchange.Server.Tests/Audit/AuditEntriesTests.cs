using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Faults.Kills;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Audit;

public sealed class AuditEntriesTests : IAsyncLifetime
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
    public async Task Every_read_leaves_one_intent_with_one_outcome()
    {
        var id = (await PushAsync("audited")).Results[0].RecordId;
        var name = $"resources/complaint/records/{id}";
        await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Fields = { "title", "place" } });
        await city.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Emergency });
        await Assert.ThrowsAsync<RpcException>(async () =>
            await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = $"resources/complaint/records/{Guid.Empty}", Purpose = Purpose.Regulation }));
        await Assert.ThrowsAsync<RpcException>(async () =>
            await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Fields = { "title", "colour" } }));
        using (var pull = city.RecordsOf(City.Traffic).Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = "title = \"audited\"" }))
        {
            await pull.ResponseStream.ReadAllAsync().LastAsync();
        }

        using (var follower = await Follower.BeginAsync(
            city.FeedOf(City.Traffic), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Beginning = true, Fields = { "title" } }))
        {
            await follower.ReadUntilAsync(() => follower.Changes.Count is 1);
        }

        await city.EventsAsync("read-completed", "CANCELLED", TimeSpan.FromSeconds(30));

        var entries = (await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest())).Entries;
        Assert.Equal(
            [
                "traffic follow complaint 3 title 1 CANCELLED ",
                "traffic pull complaint 3 * 1 OK ",
                "archive refused complaint 3 title 0 INVALID_ARGUMENT BAD_REQUEST",
                "archive get complaint 3 * 0 NOT_FOUND RECORD_NOT_FOUND",
                "archive history complaint 4 * 2 OK ",
                "archive get complaint 3 title,place 1 OK ",
            ],
            entries.Select(entry =>
                $"{entry.Department["departments/".Length..]} {entry.Action} {entry.Resource["resources/".Length..]} {entry.Purpose} "
                + $"{(entry.Fields.Count > 3 ? "*" : string.Join(',', entry.Fields))} {entry.Rows} {entry.Outcome} {entry.Reason}"));
        Assert.Equal(["place"], entries[5].MaskedFields);
        Assert.NotEmpty(entries[1].FilterFingerprint);
        Assert.DoesNotContain("audited", entries[1].ToString());
        Assert.All(entries, entry => Assert.True(entry.EndTime >= entry.StartTime && entry.GovernancePosition > 0 && entry.Client.EndsWith("-system", StringComparison.Ordinal)));
        Assert.Equal(5L, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-intended'"));
        Assert.Equal(5L, await city.ScalarAsync<long>("SELECT count(DISTINCT stream_id) FROM log.event WHERE type = 'read-completed'"));
        Assert.Equal(5L, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-completed'"));
    }

    [Fact]
    public async Task An_entry_tells_which_record_was_read_as_of_when_in_which_order_between_which_positions_and_behind_which_masks()
    {
        var name = $"resources/complaint/records/{(await PushAsync("whole")).Results[0].RecordId}";
        var history = await city.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation });
        var (position, time) = (history.Entries[0].Position, history.Entries[0].RecordTime);
        await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Position = position, Fields = { "title", "place" } });
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), ById(name[^36..], Text("later")));
        await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Time = time });
        using (var pull = city.RecordsOf(City.Archive).Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, OrderBy = "calls  desc", Fields = { "title" } }))
        {
            await pull.ResponseStream.ReadAllAsync().LastAsync();
        }

        var heads = await city.HeadsAsync();
        var entries = (await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest())).Entries;

        Assert.Equal(["", name, name, name], entries.Select(entry => entry.Record));
        Assert.Equal(["calls desc", "", "", ""], entries.Select(entry => entry.OrderBy));
        Assert.Equal([0, 0, position, 0], entries.Select(entry => entry.AsOfPosition));
        Assert.Equal([null, time, null, null], entries.Select(entry => entry.AsOfTime));
        Assert.Equal(heads.OrderBy(head => head.Key), entries[0].BeginPositions.Select(begin => KeyValuePair.Create(begin.Partition, begin.Position)));
        Assert.Equal(entries[0].BeginPositions, entries[0].EndPositions);
        Assert.All(entries.Skip(1), entry => Assert.Equal((0, position), (entry.BeginPositions.Count, Assert.Single(entry.EndPositions).Position)));
        Assert.Equal([new FieldMasks { Field = "place", Kinds = { MaskKind.TruncateGeo } }], entries[2].Masks);
        Assert.Empty(entries[0].Masks);
    }

    [Fact]
    public async Task A_read_whose_hub_was_killed_stands_without_outcome()
    {
        await PushAsync("killed");
        var options = city.Hub.Options;
        await using var node = await HubProgram.StartAsync(
            options.ConnectionString!,
            "--hub-key-file", Path.Combine(options.DataDirectory, "hub-key"),
            "--issuer", options.Issuer!.ToString());
        using var channel = GrpcChannel.ForAddress(node.Grpc);
        var token = city.ClientOf(City.Archive).AccessToken;
        var feed = new FeedService.FeedServiceClient(channel.Intercept(headers =>
        {
            headers.Add("authorization", "Bearer " + token);
            return headers;
        }));
        using var follower = await Follower.BeginAsync(
            feed, new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Beginning = true });
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);

        await node.KillAsync();
        await follower.ReadToEndAsync();

        var entry = Assert.Single((await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest())).Entries);
        Assert.Equal(("follow", "", "", 0L), (entry.Action, entry.Outcome, entry.Reason, entry.Rows));
        Assert.Null(entry.EndTime);
    }

    [Fact]
    public async Task Pages_of_the_trail_join_while_others_go_on_reading()
    {
        await PushAsync("paged");
        for (var read = 0; read < 23; read++)
        {
            await ReadAsync(City.Archive);
        }

        var all = (await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 100 })).Entries;
        List<AuditEntry> paged = [];
        var token = "";
        do
        {
            var page = await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 4, PageToken = token });
            paged.AddRange(page.Entries);
            token = page.NextPageToken;
            await ReadAsync(City.Traffic);
        }
        while (token.Length > 0);

        Assert.Equal(23, all.Count);
        Assert.Equal(all, paged);
        Assert.Equal(all.Select(entry => entry.StartTime).OrderDescending(), all.Select(entry => entry.StartTime));
    }

    [Fact]
    public async Task A_page_of_the_trail_is_short_rather_than_larger_than_a_message()
    {
        const int Reads = 450;
        var fields = Enumerable.Range(1, 200).Select(number => City.Fields[0] with { Number = number, Name = $"f{number}_{new string('x', 50)}", Required = false, Searchable = false });
        var broad = new Exchange.Catalog.ResourceDefinition(new Exchange.Catalog.ResourceId("broad"), 1, [.. fields]) { Department = City.Centre.Department };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(broad, CancellationToken.None);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(broad));
        for (var read = 0; read < Reads; read++)
        {
            await ReadAsync(City.Archive, "broad");
        }

        var names = new List<string>();
        var token = "";
        do
        {
            var page = await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 500, PageToken = token });
            names.AddRange(page.Entries.Select(entry => entry.Name));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(Reads, names.Distinct().Count());
    }

    [Fact]
    public async Task A_steward_sees_the_reads_of_its_own_department_only()
    {
        await PushAsync("own");
        await ReadAsync(City.Archive);
        await ReadAsync(City.Traffic);
        var steward = new AuditCaller((await city.Hub.RegisterAsync("traffic", "traffic-steward", Role.Steward)).Invoker);

        var own = await steward.ListAuditEntriesAsync(new ListAuditEntriesRequest());
        var named = await steward.ListAuditEntriesAsync(new ListAuditEntriesRequest { Department = "departments/traffic" });
        var filtered = await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { Department = "departments/archive" });

        Assert.Equal("departments/traffic", Assert.Single(own.Entries).Department);
        Assert.Equal(own.Entries, named.Entries);
        Assert.Equal("departments/archive", Assert.Single(filtered.Entries).Department);
        Assert.Equal(
            (StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"),
            await TestStatus.RefusalOf(async () => await steward.ListAuditEntriesAsync(new ListAuditEntriesRequest { Department = "departments/archive" })));
        Assert.Equal(
            (StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"),
            await TestStatus.RefusalOf(async () => await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { Department = "departments/nobody" })));
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(async () => await new AuditCaller(city.ClientOf(City.Traffic).Invoker).ListAuditEntriesAsync(new ListAuditEntriesRequest())));
    }

    [Fact]
    public async Task A_page_token_of_another_list_or_client_is_refused()
    {
        await PushAsync("tokens");
        await ReadAsync(City.Archive);
        await ReadAsync(City.Archive);
        var token = (await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 1 })).NextPageToken;
        var second = new AuditCaller((await city.Hub.RegisterAsync("supervision", "second-auditor", Role.Auditor)).Invoker);
        Assert.NotEmpty(token);

        Assert.Equal(Refused, await TestStatus.RefusalOf(async () => await second.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageToken = token })));
        Assert.Equal(Refused, await TestStatus.RefusalOf(async () => await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageToken = token, Department = "departments/archive" })));
        Assert.Equal(Refused, await TestStatus.RefusalOf(async () => await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageToken = "A" + token })));
        Assert.Equal(Refused, await TestStatus.RefusalOf(async () => await auditor.ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = -1 })));
    }

    private static (StatusCode Code, string Reason) Refused => (StatusCode.InvalidArgument, "BAD_REQUEST");

    private Task<PushReceipt> PushAsync(string sourceId) =>
        city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), Own(sourceId, Text("audited"), new Value { Integer = 1 }));

    private async Task ReadAsync(Exchange.Catalog.Caller caller, string resource = "complaint")
    {
        var refusal = await TestStatus.RefusalOf(async () => await city.RecordsOf(caller).GetRecordAsync(
            new GetRecordRequest { Name = $"resources/{resource}/records/{Guid.NewGuid()}", Purpose = Purpose.Regulation }));
        Assert.Equal("RECORD_NOT_FOUND", refusal.Reason);
    }
}
