using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Pull;
using Google.Rpc;
using Grpc.Core;
using Purpose = Exchange.Protos.V1.Purpose;
using static Exchange.Server.Tests.Records.Push.Pushed;

using Quota = Exchange.Catalog.Quota;

namespace Exchange.Server.Tests.Access.Quotas;

/// <summary>What a grant with a quota lets be read, and what not any more.</summary>
public sealed class GrantQuotaTests : IAsyncLifetime
{
    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_pull_ends_where_the_days_records_are_used_up_and_the_next_read_is_refused()
    {
        await FillAsync(8);
        await GrantAsync(City.Grid, new Quota(5, 0), "grid_note");
        var rows = new List<RecordRow>();

        var ended = await EndAsync(Pull("grid_note"), rows);
        var again = await EndAsync(Pull("grid_note"), rows);

        Assert.Equal(5, rows.Count);
        Assert.Equal([ended.Reason(), again.Reason()], ["QUOTA_EXHAUSTED", "QUOTA_EXHAUSTED"]);
        Assert.InRange(ended.Detail<RetryInfo>()!.RetryDelay.ToTimeSpan(), TimeSpan.FromTicks(1), TimeSpan.FromDays(1));
        var told = ended.Detail<ErrorInfo>()!.Metadata;
        Assert.Equal(("grant", "5", "day", "departments/grid/grants/grid-quota"), (told["scope"], told["limit"], told["period"], told["grant"]));

        // Without the grant's field nothing is counted; the trail says what left.
        Assert.Equal(8, (await Pulled.AllOf(Pull("title"))).Ids.Count);
        Assert.Equal(
            ["8 OK ", "0 RESOURCE_EXHAUSTED QUOTA_EXHAUSTED", "5 RESOURCE_EXHAUSTED QUOTA_EXHAUSTED"],
            (await EntriesAsync()).Select(entry => $"{entry.Rows} {entry.Outcome} {entry.Reason}"));
    }

    [Theory]
    [InlineData("grid_note != \"nothing\"", "")]
    [InlineData("", "grid_note")]
    public async Task Who_filters_or_orders_by_a_field_uses_its_quota_without_seeing_it(string filter, string order)
    {
        await FillAsync(8);
        await GrantAsync(City.Grid, new Quota(5, 0), "grid_note");
        var rows = new List<RecordRow>();

        var ended = await EndAsync(
            city.RecordsOf(City.Archive).Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" }, Filter = filter, OrderBy = order }), rows);

        Assert.Equal((5, "QUOTA_EXHAUSTED"), (rows.Count, ended.Reason()));
    }

    [Fact]
    public async Task A_pull_goes_on_another_day_where_it_ended()
    {
        await FillAsync(8);
        await GrantAsync(City.Grid, new Quota(5, 0), "grid_note");
        var rows = new List<RecordRow>();
        var token = "";
        await EndAsync(Pull("grid_note"), rows, batch => token = batch.PageToken);

        await city.ExecuteAsync("UPDATE access.grant_use SET period_start = period_start - interval '1 day'");
        var rest = await Pulled.AllOf(PullFrom(token, "grid_note"));

        Assert.Equal(3, rest.Ids.Count);
        Assert.Equal(8, rows.Select(row => row.RecordId).Concat(rest.Rows.Select(row => row.RecordId)).Distinct().Count());
    }

    [Fact]
    public async Task Records_in_which_others_own_the_field_do_not_count()
    {
        await FillAsync(12, number => number % 4 is 0 ? "housing" : "traffic");
        await GrantAsync(City.Housing, new Quota(3, 0), "result");

        var all = await Pulled.AllOf(Pull("title", "result"));

        Assert.Equal((12, 3), (all.Ids.Count, all.Column("result").Count(value => value.Length > 0)));
        Assert.Equal((StatusCode.ResourceExhausted, "QUOTA_EXHAUSTED"), await TestStatus.RefusalOf(() => GetAsync(all.Ids[0], "result")));
    }

    [Fact]
    public async Task A_feed_ends_before_the_first_change_that_is_one_too_many_and_resumes_there()
    {
        await GrantAsync(City.Grid, new Quota(4, 0), "grid_note");
        var request = new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title", "grid_note" } };
        using var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), request);
        await FillAsync(6);

        var ended = await follower.ReadToEndAsync();
        Assert.Equal((StatusCode.ResourceExhausted, "QUOTA_EXHAUSTED", 4), (ended.StatusCode, ended.Reason(), follower.Changes.Count));

        await city.ExecuteAsync("UPDATE access.grant_use SET used = 0");
        using var next = await follower.ResumeAsync(city.FeedOf(City.Archive), request);
        var rest = await next.ReadToEndAsync();
        Assert.Equal(("QUOTA_EXHAUSTED", 4), (rest.Reason(), next.Changes.Count));
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(0, 60)]
    public async Task Reads_at_once_on_two_nodes_never_get_more_than_the_quota(int recordsPerDay, int expected)
    {
        await FillAsync(1);
        await GrantAsync(City.Grid, new Quota(recordsPerDay, 0), "grid_note");
        var second = await city.Hub.StartSecondNodeAsync();
        var id = Assert.Single((await Pulled.AllOf(Pull("title"))).Ids);
        RecordsService.RecordsServiceClient[] nodes = [city.RecordsOf(City.Archive), new(city.ClientOf(City.Archive).InvokerOn(second))];

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async number =>
        {
            try
            {
                return (await nodes[number % 2].GetRecordAsync(Request(id, "grid_note"))).Values.Count > 0 ? "value" : "none";
            }
            catch (RpcException e)
            {
                return e.Reason();
            }
        }));

        Assert.Equal(expected, answers.Count(answer => answer is "value"));
        Assert.Equal(60 - expected, answers.Count(answer => answer is "QUOTA_EXHAUSTED"));
    }

    [Fact]
    public async Task A_history_counts_as_one_record()
    {
        await FillAsync(1);
        await GrantAsync(City.Grid, new Quota(2, 0), "grid_note");
        var id = Assert.Single((await Pulled.AllOf(Pull("title"))).Ids);
        var request = new GetRecordHistoryRequest { Name = $"resources/complaint/records/{id}", Purpose = Purpose.Regulation };

        await city.RecordsOf(City.Archive).GetRecordHistoryAsync(request);
        await GetAsync(id, "grid_note");

        Assert.Equal((StatusCode.ResourceExhausted, "QUOTA_EXHAUSTED"), await TestStatus.RefusalOf(() => city.RecordsOf(City.Archive).GetRecordHistoryAsync(request).ResponseAsync));
    }

    [Fact]
    public async Task More_reads_in_a_minute_than_the_quota_are_refused_until_the_next()
    {
        await FillAsync(1);
        await GrantAsync(City.Grid, new Quota(0, 2), "grid_note");
        var id = Assert.Single((await Pulled.AllOf(Pull("title"))).Ids);

        // Two in one minute, or in two of them that the reads happen to lie in.
        var answered = 0;
        RpcException? refused = null;
        while (refused is null && answered < 5)
        {
            try
            {
                await GetAsync(id, "grid_note");
                answered++;
            }
            catch (RpcException e)
            {
                refused = e;
            }
        }

        Assert.InRange(answered, 2, 4);
        Assert.Equal("RATE_LIMITED", refused?.Reason());
        Assert.InRange(refused!.Detail<RetryInfo>()!.RetryDelay.ToTimeSpan(), TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        await GetAsync(id, "title");
    }

    // Complaints that the centre opens, with what the grid notes and the responsible department's result.
    private async Task FillAsync(int count, Func<int, string>? responsible = null)
    {
        var numbers = Enumerable.Range(0, count).ToList();
        await city.PushAsync(
            City.Centre, city.Header(City.Centre, "title", "responsible"), [.. numbers.Select(number => Own($"c-{number}", Text($"title {number}"), Code(responsible?.Invoke(number) ?? "housing")))]);
        await city.PushAsync(City.Grid, city.Header(City.Grid, "grid_note"), [.. numbers.Select(number => OpenedAs("centre-desk", $"c-{number}", Text($"note {number}")))]);
        foreach (var (department, caller) in new[] { ("housing", City.Housing), ("traffic", City.Traffic) })
        {
            var own = numbers.Where(number => (responsible?.Invoke(number) ?? "housing") == department).Select(number => OpenedAs("centre-desk", $"c-{number}", Text("done"))).ToArray();
            if (own.Length > 0 && responsible is not null)
            {
                await city.PushAsync(caller, city.Header(caller, "result"), own);
            }
        }
    }

    private Task GrantAsync(Exchange.Catalog.Caller owner, Quota quota, string field) => city.HappenAsync(
        new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, owner, $"{owner.Department}-quota", field) with { Quota = quota }));

    private AsyncServerStreamingCall<PullResponse> Pull(params string[] fields) => PullFrom("", fields);

    private AsyncServerStreamingCall<PullResponse> PullFrom(string token, params string[] fields) => city.RecordsOf(City.Archive).Pull(
        new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { fields }, PageToken = token });

    private static GetRecordRequest Request(Guid id, string field) => new() { Name = $"resources/complaint/records/{id}", Purpose = Purpose.Regulation, Fields = { field } };

    private Task<Protos.V1.Record> GetAsync(Guid id, string field) => city.RecordsOf(City.Archive).GetRecordAsync(Request(id, field)).ResponseAsync;

    private static async Task<RpcException> EndAsync(AsyncServerStreamingCall<PullResponse> call, List<RecordRow> rows, Action<RecordBatch>? see = null)
    {
        using (call)
        {
            return await Assert.ThrowsAsync<RpcException>(async () =>
            {
                await foreach (var response in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
                {
                    rows.AddRange(response.Batch?.Rows ?? []);
                    if (response.Batch is { } batch)
                    {
                        see?.Invoke(batch);
                    }
                }
            });
        }
    }

    private async Task<IReadOnlyList<AuditEntry>> EntriesAsync()
    {
        var auditor = await city.Hub.RegisterAsync("audit-office", "auditor", Role.Auditor);
        return (await new AuditService.AuditServiceClient(auditor.Invoker).ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 50 })).Entries;
    }
}
