using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Grpc.Core;
using Caller = Exchange.Catalog.Caller;
using ClientId = Exchange.Catalog.ClientId;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Proposals;

/// <summary>What time brings to proposals, and what departments are told of them; on two nodes.</summary>
public sealed class ProposalRunnerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ShiftedClock clock = new();
    private readonly CityHub city;
    private TestHub other = null!;

    public ProposalRunnerTests() => city = new CityHub { Settings = new() { Options = options => options with { Clock = clock } } };

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        other = await city.Hub.StartSecondNodeAsync();
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task What_is_not_answered_in_time_lapses_once_and_departments_hear_of_it_in_batches_once()
    {
        var ids = new List<string>();
        for (var record = 0; record < 40; record++)
        {
            ids.Add((await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own($"lapses-{record}", Text("a")))).Results[0].RecordId);
        }

        await ProposeAsync(City.Housing, ids, "b");
        await ProposeAsync(City.Grid, ids[..3], "c");
        var received = await NoticesAsync(City.Centre, NoticeKind.ProposalsReceived, 43);
        Assert.InRange(received.Count, 1, 6);
        Assert.All(received, notice => Assert.Equal((true, "resources/complaint", "resources/complaint"), (notice.ToAct, notice.Subject, notice.Resource)));
        var one = (await Of(City.Centre).ListProposalsAsync(new ListProposalsRequest { Parent = "departments/centre" })).Proposals.First(proposal => proposal.Proposer is "departments/grid");
        await Of(City.Centre).ReviewProposalAsync(new ReviewProposalRequest { Name = one.Name, Verdict = ReviewVerdict.Approve });
        Assert.Equal(1, (await NoticesAsync(City.Grid, NoticeKind.ProposalsAccepted, 1)).Sum(notice => notice.Count));

        clock.Shift = TimeSpan.FromDays(20);
        var (centre, housing) = (await SignInAsync(City.Centre), await SignInAsync(City.Housing));
        await Task.WhenAll(NoticesAsync(centre, NoticeKind.ProposalsLapsed, 42), NoticesAsync(housing, NoticeKind.ProposalsLapsed, 40));

        // Each once in the log, on whichever node; and nothing more is told while both go on looking.
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(42L, await city.ScalarAsync<long>("SELECT count(*) FROM record.proposal WHERE state = 5"));
        Assert.Equal(43L, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'proposal-decided'"));
        Assert.Equal(0L, await city.ScalarAsync<long>("SELECT count(*) FROM record.proposal WHERE told <> state OR telling IS NOT NULL"));
        Assert.Equal((42, 40), ((await NoticesAsync(centre, NoticeKind.ProposalsLapsed, 42)).Sum(notice => notice.Count), (await NoticesAsync(housing, NoticeKind.ProposalsLapsed, 40)).Sum(notice => notice.Count)));
        var lapsed = await Of(centre).ListProposalsAsync(new ListProposalsRequest { Parent = "departments/centre", State = ProposalState.Lapsed, PageSize = 500 });
        Assert.Equal(42, lapsed.Proposals.Count);
        Assert.Equal(
            (StatusCode.FailedPrecondition, "WRONG_STATE"),
            await TestStatus.RefusalOf(() => Of(centre).ReviewProposalAsync(new ReviewProposalRequest { Name = lapsed.Proposals[0].Name, Verdict = ReviewVerdict.Approve }).ResponseAsync));
    }

    [Fact]
    public async Task What_a_node_claimed_and_did_not_tell_another_tells_and_what_it_told_is_not_told_again()
    {
        var id = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("claimed", Text("a")))).Results[0].RecordId;
        await ProposeAsync(City.Housing, [id], "b");
        Assert.Single(await NoticesAsync(City.Centre, NoticeKind.ProposalsReceived, 1));

        // As after a crash between the claim and the event, and as after one between the event and the mark.
        var batch = Guid.NewGuid();
        foreach (var _ in new[] { "untold", "told" })
        {
            await city.ExecuteAsync($"UPDATE record.proposal SET told = 0, telling = '{batch}', telling_state = 1, telling_owner = 'centre'");
            await UntilAsync(async () => await city.ScalarAsync<long>("SELECT count(*) FROM record.proposal WHERE telling IS NOT NULL OR told <> state") is 0);
        }

        Assert.Equal(2, (await NoticesAsync(City.Centre, NoticeKind.ProposalsReceived, 2)).Count);
    }

    private static async Task<List<Notice>> ReadAsync(TestClient client) =>
        [.. (await GovernanceHub.InboxOf(client).ListNoticesAsync(new ListNoticesRequest { Parent = $"departments/{client.Department}", PageSize = 200 })).Notices];

    private ProposalsService.ProposalsServiceClient Of(Caller caller) => new(city.ClientOf(caller).InvokerOn(other));

    private async Task<Caller> SignInAsync(Caller caller)
    {
        var later = caller with { Client = new ClientId($"{caller.Department}-later") };
        await city.RegisterAsync(later);
        return later;
    }

    private async Task ProposeAsync(Caller by, IEnumerable<string> ids, string title)
    {
        var header = city.Header(by, "title");
        (header.UnownedFields, header.Purpose) = (UnownedFields.Propose, Purpose.Regulation);
        await city.PushAsync(by, header, [.. ids.Select(id => ById(id, Text(title)))]);
    }

    private async Task<List<Notice>> NoticesAsync(Caller caller, NoticeKind kind, int count)
    {
        List<Notice> notices = [];
        await UntilAsync(
            async () => (notices = [.. (await ReadAsync(city.ClientOf(caller))).Where(notice => notice.Kind == kind)]).Sum(notice => notice.Count) >= count);
        return notices;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Patience);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
