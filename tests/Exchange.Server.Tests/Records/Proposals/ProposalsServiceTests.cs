using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Governance;
using Google.Protobuf;
using Grpc.Core;
using Caller = Exchange.Catalog.Caller;
using ClientId = Exchange.Catalog.ClientId;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Proposals;

/// <summary>Proposals and disputes between departments of the city, through real channels.</summary>
public sealed class ProposalsServiceTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task What_is_proposed_of_a_record_goes_to_each_owner_by_itself_beside_what_is_written()
    {
        var id = await OpenAsync("two-owners", ["title", "content", "responsible"], Text("a"), Text("b"), Code("housing"));

        var receipt = await ProposeAsync(City.Housing, ["title", "grid_note", "status", "calls"], ById(id, Text("better"), Text("by the lake"), Code("open"), Number(7)));

        Assert.Equal((RecordOutcome.Accepted, 4L), (receipt.Outcome, receipt.Version));
        var (centre, grid) = (Assert.Single(await ReceivedAsync(City.Centre, id)), Assert.Single(await ReceivedAsync(City.Grid, id)));
        Assert.Equal("title calls | grid_note", $"{string.Join(' ', centre.Fields.Select(field => field.Field))} | {string.Join(' ', grid.Fields.Select(field => field.Field))}");
        Assert.Equal(("departments/housing", "departments/grid", ProposalState.Open), (grid.Proposer, grid.Owner, grid.State));
        Assert.Equal(["by the lake"], (await GetAsync(City.Grid, grid.Name)).Fields.Select(field => field.Value.Text));
        Assert.All(centre.Fields, field => Assert.Null(field.Value));
        Assert.Equal("open", await city.ScalarAsync<string>($"SELECT status FROM subject.complaint WHERE record_id = '{id}'"));
    }

    [Fact]
    public async Task An_accepted_proposal_is_the_owners_write_and_the_feed_says_corrected()
    {
        var id = await OpenAsync("accepted", ["title", "calls"], Text("a"), Number(1));
        using var follower = await BeginAsync(City.Archive, "source_id = \"accepted\"");
        await ProposeAsync(City.Housing, ["title", "calls"], ById(id, Text("better"), Number(2)));
        var proposal = Assert.Single(await ReceivedAsync(City.Centre, id));

        var decided = await Of(City.Centre).ReviewProposalAsync(new ReviewProposalRequest { Name = proposal.Name, Verdict = ReviewVerdict.Approve, Fields = { "title" }, Reason = "quite so" });

        Assert.Equal((ProposalState.Accepted, "quite so"), (decided.State, decided.DecisionReason));
        Assert.Equal([("title", true), ("calls", false)], decided.Fields.Select(field => (field.Field, field.Accepted)));
        var record = await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = RecordOf(id), Fields = { "title", "calls" }, Purpose = Purpose.Regulation });
        Assert.Equal((4L, "better", 1L), (record.Version, record.Values[0].Value.Text, record.Values[1].Value.Integer));
        await follower.ReadThroughAsync(await city.HeadsAsync());
        var change = Assert.Single(follower.Changes);
        Assert.Equal((ChangeKind.Corrected, 3L, "centre"), (change.Kind, change.Version, change.Department));

        // The same again changes nothing; another decision does not come about any more.
        Assert.Equal(decided, await Of(City.Centre).ReviewProposalAsync(new ReviewProposalRequest { Name = proposal.Name, Verdict = ReviewVerdict.Approve, Fields = { "title" }, Reason = "quite so" }));
        var late = await Assert.ThrowsAsync<RpcException>(() => DeclineAsync(City.Centre, proposal.Name));
        Assert.Equal((StatusCode.FailedPrecondition, "WRONG_STATE"), (late.StatusCode, late.Reason()));
        Assert.Contains("ACCEPTED", late.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_but_the_two_sides_sees_a_trace_of_a_proposal_in_records_history_and_lists()
    {
        var id = await OpenAsync("traceless", ["title"], Text("a"));
        await ProposeAsync(City.Housing, ["title"], ById(id, Text("better")));
        var proposal = Assert.Single(await ReceivedAsync(City.Centre, id));
        var absent = $"{RecordOf(id)}/proposals/99";

        Assert.Equal((1, 2, 2), (await HistoryOf(City.Archive), await HistoryOf(City.Housing), await HistoryOf(City.Centre)));
        foreach (var call in new Func<Caller, string, Task>[] { GetAsync, DeclineAsync, (by, name) => WithdrawAsync(by, name) })
        {
            var (there, gone) = (await Assert.ThrowsAsync<RpcException>(() => call(City.Archive, proposal.Name)), await Assert.ThrowsAsync<RpcException>(() => call(City.Archive, absent)));
            Assert.Equal((StatusCode.NotFound, "PROPOSAL_NOT_FOUND"), (there.StatusCode, there.Reason()));
            Assert.Equal(there.Status.Detail.Replace("/2`", "/99`", StringComparison.Ordinal), gone.Status.Detail);
        }

        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => ReceivedAsync(City.Archive, id, City.Centre)));
        await Of(City.Centre).ReviewProposalAsync(new ReviewProposalRequest { Name = proposal.Name, Verdict = ReviewVerdict.Approve });
        Assert.Equal(["", proposal.Name, proposal.Name], await Task.WhenAll(ProposerTold(City.Archive), ProposerTold(City.Housing), ProposerTold(City.Centre)));

        async Task<int> HistoryOf(Caller reader) => (await HistoryAsync(reader, id)).Count;
        async Task<string> ProposerTold(Caller reader) => (await HistoryAsync(reader, id))[0].Proposal;
    }

    [Fact]
    public async Task Receipts_tell_nothing_of_hidden_values_and_hidden_records()
    {
        var same = await OpenAsync("hidden-same", ["title", "secret_note"], Text("a"), Text("known"));
        var other = await OpenAsync("hidden-other", ["title", "secret_note"], Text("a"), Text("else"));
        await city.HappenAsync(Forbid("nothing-to-traffic", "departments/traffic"));

        // A value that it may not read: equal and different alike, to the version and the list of what it made.
        var receipts = await ProposeAsync(City.Housing, ["secret_note"], ById(same, Text("known")), ById(other, Text("known")));
        Assert.Equal(Nameless(receipts[0]), Nameless(receipts[1]));
        Assert.Equal((1, 1), ((await MadeAsync(City.Housing, same)).Count, (await MadeAsync(City.Housing, other)).Count));

        // One that it may read and that is so already is nothing.
        Assert.Equal(RecordOutcome.Unchanged, (await ProposeAsync(City.Housing, ["title"], ById(same, Text("a")))).Outcome);

        // A record that it may not read: as one that is not there, with whatever values.
        var absent = Guid.NewGuid().ToString();
        foreach (var value in new[] { Text("known"), Text(new string('x', 500)), NotSent, Number(3) })
        {
            var answers = await ProposeAsync(City.Traffic, ["secret_note"], ById(same, value), ById(absent, value));
            Assert.Equal(Nameless(answers[0]), Nameless(answers[1]));
            Assert.Equal("RECORD_NOT_FOUND", answers[0].Errors[0].Reason);
        }
    }

    [Fact]
    public async Task A_value_written_since_is_not_overwritten_unless_the_owner_names_the_version_it_has_seen()
    {
        var id = await OpenAsync("since", ["title"], Text("a"));
        await ProposeAsync(City.Housing, ["title"], ById(id, Text("better")));
        await PushAsync(City.Centre, ["title"], ById(id, Text("newest")));
        var name = Assert.Single(await ReceivedAsync(City.Centre, id)).Name;

        var refused = await Assert.ThrowsAsync<RpcException>(() => AcceptAsync(City.Centre, name));
        var stale = await Assert.ThrowsAsync<RpcException>(() => AcceptAsync(City.Centre, name, version: 2));
        var seen = await GetAsync(City.Centre, name);
        var accepted = await AcceptAsync(City.Centre, name, seen.RecordVersion);

        Assert.Equal(("VALUE_CHANGED", "STALE_VERSION"), (refused.Reason(), stale.Reason()));
        Assert.Equal((true, 3L), (seen.Fields[0].Changed, seen.RecordVersion));
        Assert.Equal(ProposalState.Accepted, accepted.State);
        Assert.Equal("better", await TitleAsync(id));
    }

    [Fact]
    public async Task Whoever_owns_the_field_now_decides()
    {
        var id = await OpenAsync("handed-over", ["title", "responsible"], Text("a"), Code("housing"));
        await PushAsync(City.Housing, ["status"], ById(id, Code("open")));
        await ProposeAsync(City.Grid, ["status"], ById(id, Code("done")));
        var name = Assert.Single(await ReceivedAsync(City.Housing, id)).Name;
        await PushAsync(City.Centre, ["responsible"], ById(id, Code("traffic")));

        // Who is responsible is a value of the record: the proposer is not told by whom its proposal waits.
        Assert.Equal(("", "departments/traffic"), ((await GetAsync(City.Grid, name)).Owner, (await GetAsync(City.Traffic, name)).Owner));
        Assert.DoesNotContain("traffic", (await Assert.ThrowsAsync<RpcException>(() => AcceptAsync(City.Grid, name))).Status.Detail, StringComparison.Ordinal);
        Assert.Equal((StatusCode.NotFound, "PROPOSAL_NOT_FOUND"), await TestStatus.RefusalOf(() => AcceptAsync(City.Housing, name)));
        Assert.Empty(await ReceivedAsync(City.Housing, id));
        Assert.Equal(ProposalState.Accepted, (await AcceptAsync(City.Traffic, name)).State);
        Assert.Equal("done", await city.ScalarAsync<string>($"SELECT status FROM subject.complaint WHERE record_id = '{id}'"));
    }

    [Fact]
    public async Task An_owner_declines_with_a_reason_and_the_proposer_takes_back_what_is_its()
    {
        var id = await OpenAsync("ended", ["title", "calls"], Text("a"), Number(1));
        await ProposeAsync(City.Housing, ["title"], ById(id, Text("b")));
        await ProposeAsync(City.Housing, ["calls"], ById(id, Number(2)));
        var (first, second) = ((await ReceivedAsync(City.Centre, id))[0].Name, (await ReceivedAsync(City.Centre, id))[1].Name);

        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => DeclineAsync(City.Centre, first, ""))).StatusCode);
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => DeclineAsync(City.Housing, first)));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => WithdrawAsync(City.Centre, first)));
        await DeclineAsync(City.Centre, first, "it is as I wrote");
        await WithdrawAsync(City.Housing, second);

        var (declined, withdrawn) = (await GetAsync(City.Housing, first), await GetAsync(City.Centre, second));
        Assert.Equal((ProposalState.Declined, "it is as I wrote", ProposalState.Withdrawn), (declined.State, declined.DecisionReason, withdrawn.State));
        Assert.Equal("a", await TitleAsync(id));
        Assert.Equal((StatusCode.FailedPrecondition, "WRONG_STATE"), await TestStatus.RefusalOf(() => AcceptAsync(City.Centre, second)));
    }

    [Fact]
    public async Task Who_may_read_a_value_may_dispute_it_once_and_the_owner_corrects_it()
    {
        var id = await OpenAsync("disputed", ["title", "secret_note"], Text("a"), Text("hidden"));
        var request = new DisputeValueRequest
        {
            Record = RecordOf(id), Field = "title", Purpose = Purpose.Regulation, ReadVersion = 1, Reason = "the street has another name", RequestId = "d-1",
        };

        Assert.Equal("value WRONG_TYPE", await TestStatus.ViolationOf(() => Of(City.Archive).DisputeValueAsync(request.With(one => (one.Value, one.RequestId) = (Number(3), "d-0"))).ResponseAsync));
        request.Value = null;
        request.RequestId = "d-1";
        var dispute = await Of(City.Archive).DisputeValueAsync(request);
        var again = await Of(City.Archive).DisputeValueAsync(request);

        Assert.Equal((ProposalKind.Dispute, "the street has another name", 1L, null), (dispute.Kind, dispute.Reason, dispute.ReadVersion, dispute.Fields[0].Value));
        Assert.Equal(dispute, again);
        Assert.Equal("value REQUIRED", await TestStatus.ViolationOf(() => AcceptAsync(City.Centre, dispute.Name)));
        var corrected = await Of(City.Centre).ReviewProposalAsync(new ReviewProposalRequest { Name = dispute.Name, Verdict = ReviewVerdict.Approve, Value = Text("c") });
        Assert.Equal((ProposalState.Accepted, "c"), (corrected.State, await TitleAsync(id)));
        await city.EventsAsync("read-intended", "dispute", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_may_not_be_read_cannot_be_disputed_and_hidden_and_absent_answer_alike()
    {
        var confidential = await OpenAsync("disputed-hidden", ["title", "content", "confidential"], Text("a"), Text("b"), new Value { Boolean = true });
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "dispute-grant", "content")));

        var hidden = await Assert.ThrowsAsync<RpcException>(() => DisputeAsync(confidential, "content"));
        var absent = await Assert.ThrowsAsync<RpcException>(() => DisputeAsync(Guid.NewGuid().ToString(), "content"));
        var forbidden = await Assert.ThrowsAsync<RpcException>(() => DisputeAsync(confidential, "secret_note"));

        Assert.All([hidden, absent, forbidden], refused => Assert.Equal((StatusCode.NotFound, "RECORD_NOT_FOUND"), (refused.StatusCode, refused.Reason())));
        Assert.Empty(await ReceivedAsync(City.Centre, confidential));

        Task<Proposal> DisputeAsync(string id, string field) => Of(City.Archive).DisputeValueAsync(
            new DisputeValueRequest { Record = RecordOf(id), Field = field, Purpose = Purpose.Regulation, ReadVersion = 1, Reason = "wrong", RequestId = $"{id}-{field}" }).ResponseAsync;
    }

    [Fact]
    public async Task The_same_push_again_makes_the_same_receipt_and_one_proposal()
    {
        var id = await OpenAsync("repeated", ["title"], Text("a"));
        var header = city.Header(City.Housing, "title");
        header.UnownedFields = UnownedFields.Propose;

        var first = await city.PushAsync(City.Housing, header, ById(id, Text("b")));
        var second = await city.PushAsync(City.Housing, header, ById(id, Text("b")));

        Assert.Equal(first, second);
        Assert.Single(await ReceivedAsync(City.Centre, id));
    }

    [Fact]
    public async Task Values_and_reasons_of_sensitive_fields_are_sealed()
    {
        var id = await OpenAsync("sealed", ["title", "content"], Text("a"), Text("b"));
        await ProposeAsync(City.Housing, ["content"], ById(id, Text("sealed-proposal-canary")));
        var name = Assert.Single(await ReceivedAsync(City.Centre, id)).Name;
        await DeclineAsync(City.Centre, name, "sealed-reason-canary");

        var told = await GetAsync(City.Housing, name);

        Assert.Equal(("sealed-proposal-canary", "sealed-reason-canary"), (told.Fields[0].Value.Text, told.DecisionReason));
        Assert.Equal(0, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE position('canary'::bytea in payload) > 0"));
    }

    [Fact]
    public async Task Stewards_decide_and_auditors_see_that_there_is_one_without_values()
    {
        var id = await OpenAsync("stewards", ["title"], Text("a"));
        await ProposeAsync(City.Housing, ["title"], ById(id, Text("b")));
        var steward = City.Centre with { Client = new ClientId("centre-steward"), Role = Exchange.Catalog.Role.Steward };
        var auditor = City.Grid with { Client = new ClientId("grid-auditor"), Role = Exchange.Catalog.Role.Auditor };
        await city.RegisterAsync(steward);
        await city.RegisterAsync(auditor);
        var name = Assert.Single(await ReceivedAsync(steward, id, City.Centre)).Name;

        var audited = await GetAsync(auditor, name);
        Assert.Equal((name, null, 0L), (audited.Name, audited.Fields[0].Value, audited.RecordVersion));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => AcceptAsync(auditor, name)));
        Assert.Equal(ProposalState.Accepted, (await AcceptAsync(steward, name)).State);
    }

    [Fact]
    public async Task To_look_at_values_is_a_read_with_a_purpose_that_shows_what_may_be_read_and_stands_in_the_trail()
    {
        var id = await OpenAsync("looked-at", ["title", "calls"], Text("a"), Number(1));
        await ProposeAsync(City.Housing, ["title", "calls"], ById(id, Text("b"), Number(2)));
        var name = Assert.Single(await ReceivedAsync(City.Centre, id)).Name;
        var aimless = await TestStatus.RefusalOf(() => Of(City.Centre).GetProposalAsync(new GetProposalRequest { Name = name }).ResponseAsync);

        await city.HappenAsync(Forbid("no-calls-to-centre", "departments/centre", "resources/complaint/fields/calls"));
        var (received, made) = (await GetAsync(City.Centre, name), await GetAsync(City.Housing, name));
        var declined = await DeclineAsync(City.Centre, name, "it is as I wrote");
        var after = await GetAsync(City.Centre, name);

        Assert.Equal((StatusCode.InvalidArgument, "PURPOSE_REQUIRED"), aimless);
        Assert.Equal([("title", "b", 0L), ("calls", null, 0L)], received.Fields.Select(field => (field.Field, field.Value?.Text, field.Value?.Integer ?? 0)));
        Assert.Equal([("title", "b", 0L), ("calls", "", 2L)], made.Fields.Select(field => (field.Field, field.Value?.Text, field.Value?.Integer ?? 0)));
        Assert.All(declined.Fields, field => Assert.Null(field.Value));
        Assert.Equal(("it is as I wrote", ""), (declined.DecisionReason, after.DecisionReason));
        Assert.Equal((2L, 1L), (await CountAsync("centre"), await CountAsync("housing")));

        Task<long> CountAsync(string department) => city.ScalarAsync<long>(
            $"SELECT count(*) FROM log.event WHERE type = 'read-intended' AND caller = '{department}' AND position(convert_to('proposal', 'UTF8') in payload) > 0 AND position(convert_to('{id}', 'UTF8') in payload) > 0");
    }

    [Fact]
    public async Task A_disputed_value_that_was_written_since_it_was_read_is_not_overwritten_and_another_value_is_another_decision()
    {
        var id = await OpenAsync("read-before", ["title"], Text("a"));
        await PushAsync(City.Centre, ["title"], ById(id, Text("newer")));
        var dispute = await Of(City.Archive).DisputeValueAsync(new DisputeValueRequest
        {
            Record = RecordOf(id), Field = "title", Purpose = Purpose.Regulation, ReadVersion = 1, Reason = "wrong", RequestId = "read-before", Value = Text("c"),
        });

        var changed = await TestStatus.RefusalOf(() => AcceptAsync(City.Centre, dispute.Name));
        var seen = await GetAsync(City.Centre, dispute.Name);
        var accepted = await ReviewAsync(Text("d"));
        var again = await ReviewAsync(Text("d"));
        var other = await TestStatus.RefusalOf(() => ReviewAsync(Text("e")));
        var proposed = await TestStatus.RefusalOf(() => ReviewAsync(null));

        Assert.Equal((StatusCode.FailedPrecondition, "VALUE_CHANGED"), changed);
        Assert.True(seen.Fields[0].Changed);
        Assert.Equal((ProposalState.Accepted, "d"), (accepted.State, await TitleAsync(id)));
        Assert.Equal(accepted, again);
        Assert.All([other, proposed], refused => Assert.Equal((StatusCode.FailedPrecondition, "WRONG_STATE"), refused));

        Task<Proposal> ReviewAsync(Value? value) => Of(City.Centre).ReviewProposalAsync(
            new ReviewProposalRequest { Name = dispute.Name, Verdict = ReviewVerdict.Approve, RecordVersion = seen.RecordVersion, Value = value }).ResponseAsync;
    }

    [Fact]
    public async Task Who_decides_stays_the_owner_also_of_what_hands_the_field_over()
    {
        var id = await OpenAsync("decided-over", ["title", "responsible"], Text("a"), Code("housing"));
        await ProposeAsync(City.Grid, ["responsible", "status"], ById(id, Code("traffic"), Code("done")));
        var (centre, housing) = (Assert.Single(await ReceivedAsync(City.Centre, id)), Assert.Single(await ReceivedAsync(City.Housing, id)));

        await DeclineAsync(City.Housing, housing.Name);
        await AcceptAsync(City.Centre, centre.Name);

        Assert.Equal("housing", await city.ScalarAsync<string>($"SELECT owner FROM record.proposal WHERE record_id = '{id}' AND owner_field > 0"));
        Assert.Equal("centre", await city.ScalarAsync<string>($"SELECT owner FROM record.proposal WHERE record_id = '{id}' AND owner_field = 0"));
    }

    [Fact]
    public async Task Lists_go_page_by_page_and_by_state()
    {
        var id = await OpenAsync("paged", ["title"], Text("a"));
        for (var round = 0; round < 5; round++)
        {
            await ProposeAsync(City.Grid, ["title"], ById(id, Text($"b{round}")));
        }

        await WithdrawAsync(City.Grid, (await MadeAsync(City.Grid, id))[0].Name);
        List<string> names = [];
        var request = new ListProposalsRequest { Parent = "departments/grid", Made = true, State = ProposalState.Open, PageSize = 3, Resource = "resources/complaint" };
        do
        {
            var page = await Of(City.Grid).ListProposalsAsync(request);
            names.AddRange(page.Proposals.Select(proposal => proposal.Name).Where(name => name.StartsWith(RecordOf(id), StringComparison.Ordinal)));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(Enumerable.Range(3, 4).Select(version => $"{RecordOf(id)}/proposals/{version}"), names);
    }

    private static string RecordOf(string id) => $"resources/complaint/records/{id}";

    private static RecordResult Nameless(RecordResult result) => new(result) { RecordId = "" };

    private static Value Number(long value) => new() { Integer = value };

    private static GovernanceEvent.PolicyRowSet Forbid(string id, string who, string what = "resources/complaint") => new(new Exchange.Catalog.PolicyRow
    {
        Id = new Exchange.Catalog.PolicyRowId(id),
        Subject = who,
        Object = what,
        Actions = [Exchange.Catalog.PolicyAction.Read],
        Effect = Exchange.Policy.Language.RuleEffect.Deny,
        Reason = "a test",
    });

    private ProposalsService.ProposalsServiceClient Of(Caller caller) => new(city.ClientOf(caller).Invoker);

    private async Task<Proposal> GetAsync(Caller caller, string name) => await Of(caller).GetProposalAsync(new GetProposalRequest { Name = name, Purpose = Purpose.Regulation });

    private async Task<Proposal> AcceptAsync(Caller caller, string name, long version = 0) =>
        await Of(caller).ReviewProposalAsync(new ReviewProposalRequest { Name = name, Verdict = ReviewVerdict.Approve, RecordVersion = version });

    private Task<Proposal> DeclineAsync(Caller caller, string name) => DeclineAsync(caller, name, "no");

    private async Task<Proposal> DeclineAsync(Caller caller, string name, string reason) =>
        await Of(caller).ReviewProposalAsync(new ReviewProposalRequest { Name = name, Verdict = ReviewVerdict.Reject, Reason = reason });

    private async Task<Proposal> WithdrawAsync(Caller caller, string name) => await Of(caller).WithdrawProposalAsync(new WithdrawProposalRequest { Name = name });

    private Task<List<Proposal>> ReceivedAsync(Caller by, string id, Caller? owner = null) => ListAsync(by, owner ?? by, id, made: false);

    private Task<List<Proposal>> MadeAsync(Caller by, string id) => ListAsync(by, by, id, made: true);

    private async Task<List<Proposal>> ListAsync(Caller by, Caller of, string id, bool made)
    {
        var all = await Of(by).ListProposalsAsync(new ListProposalsRequest { Parent = $"departments/{of.Department}", Made = made, PageSize = 500 });
        return [.. all.Proposals.Where(proposal => proposal.Name.StartsWith(RecordOf(id), StringComparison.Ordinal)).OrderBy(proposal => long.Parse(proposal.Name.Split('/')[^1], null))];
    }

    private async Task<List<HistoryEntry>> HistoryAsync(Caller reader, string id) =>
        [.. (await city.RecordsOf(reader).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = RecordOf(id), Purpose = Purpose.Regulation })).Entries.Where(entry => entry.Field is "title")];

    private Task<string> TitleAsync(string id) => city.ScalarAsync<string>($"SELECT title FROM subject.complaint WHERE record_id = '{id}'");

    private async Task<string> OpenAsync(string sourceId, string[] fields, params Value[] values) =>
        (await city.PushAsync(City.Centre, city.Header(City.Centre, fields), Own(sourceId, values))).Results[0].RecordId;

    private Task<PushReceipt> PushAsync(Caller by, string[] fields, PushedRecord record) => city.PushAsync(by, city.Header(by, fields), record);

    private async Task<RecordResult> ProposeAsync(Caller by, string[] fields, PushedRecord record) => (await ProposeAsync(by, fields, [record]))[0];

    private async Task<IReadOnlyList<RecordResult>> ProposeAsync(Caller by, string[] fields, params PushedRecord[] records)
    {
        var header = city.Header(by, fields);
        (header.UnownedFields, header.Purpose) = (UnownedFields.Propose, Purpose.Regulation);
        return (await city.PushAsync(by, header, records)).Results;
    }

    private Task<Follower> BeginAsync(Caller reader, string filter) =>
        Follower.BeginAsync(city.FeedOf(reader), new FollowRequest { Resource = "resources/complaint", Filter = filter, Purpose = Purpose.Regulation });
}
