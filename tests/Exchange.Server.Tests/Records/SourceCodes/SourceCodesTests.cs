using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Records.Pull;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Records.Push.Pushed;
using static Exchange.Server.Tests.Records.SourceCodes.SourcedHub;
using Caller = Exchange.Catalog.Caller;

namespace Exchange.Server.Tests.Records.SourceCodes;

public sealed class SourceCodesTests(SourcedHub hub) : IClassFixture<SourcedHub>
{
    private static readonly string[] Shy = ["area", "place_hash", "cause", "doer"];

    [Fact]
    public async Task A_source_s_code_alone_is_mapped_and_stays_beside_the_code_wherever_it_is_read()
    {
        using var follower = await FollowAsync(City.Archive, "follows");
        var id = await hub.OpenAsync("follows", ["kind"], Sourced("city-a", "7"));
        var opened = await hub.City.ScalarAsync<long>($"SELECT max(position) FROM log.event WHERE stream_id = '{id}'");
        await hub.PushAsync(["kind"], ById(id, Sourced("city-b", "7", "water")));

        var history = await hub.City.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = $"resources/sourced/records/{id}", Purpose = Purpose.Regulation });
        await follower.ReadThroughAsync(await hub.City.HeadsAsync());

        Assert.Equal("water @ city-b/7", (await hub.GetAsync(City.Archive, id))["kind"]);
        Assert.Equal("noise @ city-a/7", (await hub.GetAsync(City.Archive, id, request => request.Position = opened))["kind"]);
        Assert.Equal(["water @ city-b/7", "noise @ city-a/7"], history.Entries.Where(entry => entry.Field is "kind").Select(entry => Shown(entry.Value)));
        Assert.Equal(["water @ city-b/7"], await PulledAsync(City.Archive, "source_id = \"follows\"", "kind"));
        Assert.Equal(["water @ city-b/7"], await PulledAsync(City.Archive, "kind = \"water\" AND title:\"title of follows\"", "kind"));
        Assert.Equal(["noise @ city-a/7", "water @ city-b/7"], follower.Changes.Select(change => Shown(change.Values[change.Columns.IndexOf(follower.Columns.ToList().IndexOf("kind"))])));
        Assert.Equal("city-b/7", await hub.City.ScalarAsync<string>($"SELECT kind$source FROM subject.sourced WHERE record_id = '{id}'"));
    }

    [Fact]
    public async Task A_code_without_a_source_s_code_is_stored_and_read_as_ever()
    {
        var id = await hub.OpenAsync("plain", ["kind"], Code("smoke"));

        Assert.Equal("smoke", (await hub.GetAsync(City.Archive, id))["kind"]);
        Assert.Equal(["smoke"], await PulledAsync(City.Archive, "source_id = \"plain\"", "kind"));
        Assert.Equal(["noise"], await PulledAsync(City.Archive, "source_id = \"before\"", "kind"));
    }

    [Fact]
    public async Task Equal_values_make_no_event_and_another_source_s_code_for_the_same_code_makes_one()
    {
        var id = await hub.OpenAsync("equal", ["kind"], Sourced("city-a", "7"));

        var again = await hub.PushAsync(["kind"], ById(id, Sourced("city-a", "7")));
        var both = await hub.PushAsync(["kind"], ById(id, Sourced("city-a", "7", "noise")));
        var other = await hub.PushAsync(["kind"], ById(id, Sourced("city-b", "07")));
        var none = await hub.PushAsync(["kind"], ById(id, Code("noise")));

        Assert.Equal([(RecordOutcome.Unchanged, 1L), (RecordOutcome.Unchanged, 1L)], new[] { again[0], both[0] }.Select(result => (result.Outcome, result.Version)));
        Assert.Equal((RecordOutcome.Accepted, 2L), (other[0].Outcome, other[0].Version));
        Assert.Equal((RecordOutcome.Accepted, 3L), (none[0].Outcome, none[0].Version));
        Assert.Equal("noise", (await hub.GetAsync(City.Archive, id))["kind"]);
        Assert.Equal(1L, await hub.City.ScalarAsync<long>($"SELECT count(*) FROM subject.sourced WHERE record_id = '{id}' AND kind$source IS NULL"));
    }

    [Theory]
    [InlineData("city-a", "9999", null, "UNKNOWN_SOURCE_CODE")]
    [InlineData("city-c", "7", null, "UNKNOWN_CODE_SYSTEM")]
    [InlineData("city-a", "7", "water", "SOURCE_CODE_MISMATCH")]
    [InlineData("city-a", "", null, "WRONG_TYPE")]
    [InlineData("", "7", "noise", "WRONG_TYPE")]
    public async Task What_the_list_does_not_map_so_is_rejected_and_changes_nothing(string system, string sourceCode, string? code, string reason)
    {
        var results = await hub.PushAsync(["title", "kind"], Own("rejected", Text("a"), Sourced(system, sourceCode, code)), Own($"kept-{reason}-{system}", Text("b"), Sourced("city-a", "8")));

        var error = Assert.Single(results[0].Errors);
        Assert.Equal((RecordOutcome.Rejected, "kind", reason), (results[0].Outcome, error.Field, error.Reason));
        Assert.DoesNotContain("9999", error.Message, StringComparison.Ordinal);
        Assert.Equal(RecordOutcome.Accepted, results[1].Outcome);
        Assert.Equal(0L, await hub.City.ScalarAsync<long>("SELECT count(*) FROM subject.sourced WHERE source_id = 'rejected'"));
    }

    [Fact]
    public async Task A_code_that_is_masked_or_hidden_shows_no_source_s_code_anywhere()
    {
        using var follower = await FollowAsync(City.Archive, "masked");
        Value[] values = [Sourced("city-a", "north"), Sourced("city-a", "south"), Sourced("city-a", "8"), Sourced("city-b", "7"), new Value { Boolean = true }, Sourced("city-a", "7")];
        var id = await hub.OpenAsync("masked", [.. Shy, "confidential", "kind"], values);
        await hub.PushAsync(["area"], ById(id, Sourced("city-a", "upper")));

        var history = await hub.City.RecordsOf(City.Archive).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = $"resources/sourced/records/{id}", Purpose = Purpose.Regulation });
        var read = await hub.GetAsync(City.Archive, id);
        await follower.ReadThroughAsync(await hub.City.HeadsAsync());
        var pulled = await Pulled.AllOf(hub.City.RecordsOf(City.Archive).Pull(Request("source_id = \"masked\"", [])));

        Assert.Equal(("33＊", "noise @ city-a/7"), (read["area"], read["kind"]));
        IEnumerable<Value> shown = [.. history.Entries.Where(entry => entry.Field is not "kind").Select(entry => entry.Value), .. follower.Changes.SelectMany(change => change.Values), .. pulled.Rows.Single().Values];
        Assert.Equal(2, shown.Count(value => value.SourceCode.Length > 0));
        Assert.All(shown.Where(value => value.SourceCode.Length > 0), value => Assert.Equal("noise @ city-a/7", Shown(value)));
        Assert.DoesNotContain(read, value => Shy.Contains(value.Key) && value.Value.Contains('@', StringComparison.Ordinal));

        // The same bytes for whoever owns them, so that what is missing above was there to be shown.
        var own = await hub.GetAsync(City.Centre, id);
        Assert.Equal(["3301 @ city-a/upper", "3302 @ city-a/south", "water @ city-a/8", "water @ city-b/7"], Shy.Select(field => own[field]));
    }

    [Fact]
    public async Task A_source_s_code_of_a_sealed_field_is_sealed_and_read_with_a_grant()
    {
        await hub.PublishAsync("kinds", ["noise", "water", "smoke"], ("city-a", "7", "noise"), ("city-a", "8", "water"), ("city-b", "7", "water"), ("city-b", "07", "noise"), ("city-a", "an-unusual-code", "smoke"));
        var id = await hub.OpenAsync("sealed", ["cause", "kind"], Sourced("city-a", "an-unusual-code"), Sourced("city-b", "07"));
        await hub.City.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Housing, City.Centre, "sealed-cause", "cause") with { Resource = new("sourced") }));

        var (open, hidden) = (
            await hub.City.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE stream_id = '{id}' AND position(convert_to('city-b', 'UTF8') in payload) > 0"),
            await hub.City.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE stream_id = '{id}' AND position(convert_to('an-unusual-code', 'UTF8') in payload) > 0"));

        Assert.Equal((1L, 0L), (open, hidden));
        Assert.Equal("smoke @ city-a/an-unusual-code", (await hub.GetAsync(City.Housing, id))["cause"]);
        Assert.Equal(["smoke @ city-a/an-unusual-code"], await PulledAsync(City.Housing, "source_id = \"sealed\"", "cause"));
        Assert.DoesNotContain("cause", (await hub.GetAsync(City.Archive, id)).Keys);
    }

    [Fact]
    public async Task Many_records_at_once_keep_their_sources_codes()
    {
        PushedRecord[] records = [.. Enumerable.Range(0, 400).Select(number => Own($"many-{number}", Text("many"), (number % 4) switch
        {
            0 => Sourced("city-a", "7"),
            1 => Sourced("city-b", "7"),
            2 => Code("smoke"),
            _ => NotSent,
        }))];

        var results = await hub.PushAsync(["title", "kind"], records);

        Assert.All(results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
        Assert.Equal(
            ["", "noise @ city-a/7", "smoke", "water @ city-b/7"],
            (await PulledAsync(City.Archive, "title = \"many\"", "kind")).CountBy(kind => kind).Where(kind => kind.Value is 100).Select(kind => kind.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_mapping_that_changes_or_goes_leaves_what_is_stored()
    {
        await hub.PublishAsync("moves", ["a", "b"]);
        await CatalogOf(hub.City.Hub.Operator).PublishResourceAsync(new PublishResourceRequest
        {
            Resource = Resource("moving", Field("title", 1), CodeField("kind", 2, "moves")).With(resource => resource.Department = "departments/centre"),
        });
        await hub.PublishAsync("moves", ["a", "b"], ("city-a", "1", "a"));
        var id = (await PushMovingAsync(Own("m", Sourced("city-a", "1")))).RecordId;

        // The list without mappings keeps them; a source's code is mapped anew when it comes anew.
        var kept = await hub.PublishAsync("moves", ["a", "b"]);
        await hub.PublishAsync("moves", ["a", "b"], ("city-a", "1", "b"));
        var before = await KindAsync(id);
        var moved = await PushMovingAsync(ById(id, Sourced("city-a", "1")));
        var cleared = await CatalogOf(hub.City.Hub.Operator).PublishCodeListAsync(new PublishCodeListRequest
        {
            CodeList = new CodeList { Name = "codeLists/moves", Codes = { kept.Codes } }, ClearMappings = true,
        });
        var again = await PushMovingAsync(ById(id, Sourced("city-a", "1")));
        var other = await PushMovingAsync(ById(id, Sourced("city-a", "2")));

        Assert.Equal((2, 1), (kept.Version, kept.Mappings.Count));
        Assert.Equal(("a @ city-a/1", RecordOutcome.Accepted), (before, moved.Outcome));
        Assert.Equal((4, 0), (cleared.Version, cleared.Mappings.Count));
        Assert.Equal("b @ city-a/1", await KindAsync(id));
        Assert.Equal((RecordOutcome.Unchanged, RecordOutcome.Rejected), (again.Outcome, other.Outcome));

        async Task<RecordResult> PushMovingAsync(PushedRecord record)
        {
            var header = hub.City.Header(City.Centre, "kind");
            header.Resource = "resources/moving";
            return (await hub.City.PushAsync(City.Centre, header, record)).Results[0];
        }

        async Task<string> KindAsync(string record) => Shown((await hub.City.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest
        {
            Name = $"resources/moving/records/{record}", Purpose = Purpose.Regulation,
        })).Values.Single(value => value.Field is "kind").Value);
    }

    private static PullRequest Request(string filter, string[] fields) =>
        new() { Resource = "resources/sourced", Purpose = Purpose.Regulation, Filter = filter, Fields = { fields } };

    private async Task<List<string>> PulledAsync(Caller caller, string filter, string field) =>
        [.. (await Pulled.AllOf(hub.City.RecordsOf(caller).Pull(Request(filter, [field])))).Rows.Select(row => Shown(row.Values[0]))];

    private Task<Follower> FollowAsync(Caller caller, string sourceId) => Follower.BeginAsync(
        hub.City.FeedOf(caller), new FollowRequest { Resource = "resources/sourced", Purpose = Purpose.Regulation, Filter = $"source_id = \"{sourceId}\"" });
}
