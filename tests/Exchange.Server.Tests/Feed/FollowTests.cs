using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class FollowTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_new_record_enters_whole_with_what_the_reader_may_see()
    {
        using var follower = await BeginAsync(City.Archive, "source_id = \"enters\"");

        await PushAsync(
            City.Centre,
            ["title", "content", "phone", "calls", "secret_note"],
            Own("enters", Text("Leaking pipe"), Text("Invented text"), Text("13800001111"), new Value { Integer = 2 }, Text("nobody reads this")));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        var change = Assert.Single(follower.Changes);
        Assert.Equal((ChangeKind.Entered, 1L, "centre"), (change.Kind, change.Version, change.Department));
        Assert.Equal("calls=2 title=Leaking pipe", Shown(Assert.Single(follower.Records).Value));
    }

    [Fact]
    public async Task A_change_brings_the_changed_fields_and_no_others()
    {
        var id = await OpenAsync("changes", "calls", new Value { Integer = 1 });
        using var follower = await BeginAsync(City.Archive, "source_id = \"changes\"");

        await PushAsync(City.Centre, ["title", "calls"], ById(id, Text("title of changes"), new Value { Integer = 2 }));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        var change = Assert.Single(follower.Changes);
        Assert.Equal((ChangeKind.Changed, 2L), (change.Kind, change.Version));
        Assert.Equal("calls=2", Shown(follower.Records[Guid.Parse(id)]));
    }

    [Fact]
    public async Task A_removed_value_is_told_as_having_none()
    {
        var id = await OpenAsync("removes", "calls", new Value { Integer = 1 });
        using var follower = await BeginAsync(City.Archive, "source_id = \"removes\"");

        await PushAsync(City.Centre, ["calls"], ById(id, Clear));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        var change = Assert.Single(follower.Changes);
        Assert.Equal("calls", follower.Columns[Assert.Single(change.Columns)]);
        Assert.Equal(Value.KindOneofCase.None, Assert.Single(change.Values).KindCase);
    }

    [Fact]
    public async Task What_the_reader_may_not_see_is_covered_and_not_told()
    {
        var id = await OpenAsync("hides", "secret_note", Text("first"));
        using var follower = await BeginAsync(City.Archive, "source_id = \"hides\"");

        await PushAsync(City.Centre, ["secret_note", "content"], ById(id, Text("second"), Text("invented")));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        Assert.Empty(follower.Changes);
    }

    [Fact]
    public async Task A_proposal_changes_nothing_for_readers()
    {
        var id = await OpenAsync("proposes", "calls", new Value { Integer = 1 });
        using var follower = await BeginAsync(City.Archive, "source_id = \"proposes\"");

        var header = city.Header(City.Housing, "calls");
        header.UnownedFields = UnownedFields.Propose;
        var receipt = await city.PushAsync(City.Housing, header, ById(id, new Value { Integer = 9 }));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal(RecordOutcome.Proposed, receipt.Results[0].Outcome);
        Assert.Empty(follower.Changes);
    }

    [Fact]
    public async Task A_confidential_record_loses_its_person_fields_and_gets_them_back_as_they_are_now()
    {
        await GrantAsync("confidential-grant", City.Grid, "content", "phone");
        using var follower = await BeginAsync(City.Grid, "source_id = \"confides\"");
        var opened = await PushAsync(
            City.Centre, ["title", "content", "phone", "confidential"], Own("confides", Text("Noise"), Text("at night"), Text("13800001111"), NotSent));
        var id = opened.Results[0].RecordId;
        await follower.ReadUntilAsync(() => follower.Records.Count is 1);
        Assert.Equal("content=at night phone=＊1111 title=Noise", Shown(follower.Records[Guid.Parse(id)]));

        await PushAsync(City.Centre, ["confidential", "phone"], ById(id, new Value { Boolean = true }, Text("13900002222")));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 2);
        Assert.Equal("confidential=True title=Noise", Shown(follower.Records[Guid.Parse(id)]));
        Assert.Equal(["content", "phone"], follower.Changes[1].WithdrawnColumns.Select(column => follower.Columns[column]).Order());

        await PushAsync(City.Centre, ["confidential"], ById(id, new Value { Boolean = false }));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 3);
        Assert.Equal("confidential=False content=at night phone=＊2222 title=Noise", Shown(follower.Records[Guid.Parse(id)]));
    }

    [Fact]
    public async Task Handling_fields_follow_the_responsible_department()
    {
        using var housing = await BeginAsync(City.Housing, "source_id = \"moves\"");
        using var traffic = await BeginAsync(City.Traffic, "source_id = \"moves\"");
        var id = await OpenAsync("moves", "responsible", Code("housing"));
        await PushAsync(City.Housing, ["status", "result"], ById(id, Code("open"), Text("looked at it")));

        await PushAsync(City.Centre, ["responsible"], ById(id, Code("traffic")));
        var heads = await city.HeadsAsync();
        await housing.ReadThroughAsync(heads);
        await traffic.ReadThroughAsync(heads);

        Assert.Equal("responsible=traffic status=open title=title of moves", Shown(housing.Records[Guid.Parse(id)]));
        Assert.Equal("responsible=traffic result=looked at it status=open title=title of moves", Shown(traffic.Records[Guid.Parse(id)]));
        Assert.Equal("result", housing.Columns[Assert.Single(housing.Changes[^1].WithdrawnColumns)]);
    }

    [Fact]
    public async Task A_record_leaves_one_view_and_enters_another_whole()
    {
        using var housing = await BeginAsync(City.Housing, "responsible = \"housing\" AND source_id = \"leaves\"");
        using var traffic = await BeginAsync(City.Traffic, "responsible = \"traffic\" AND source_id = \"leaves\"");
        var id = await OpenAsync("leaves", "responsible", Code("housing"));

        await PushAsync(City.Centre, ["responsible"], ById(id, Code("traffic")));
        var heads = await city.HeadsAsync();
        await housing.ReadThroughAsync(heads);
        await traffic.ReadThroughAsync(heads);

        Assert.Equal([ChangeKind.Entered, ChangeKind.Withdrawn], housing.Changes.Select(change => change.Kind));
        Assert.Empty(housing.Records);
        Assert.Equal([ChangeKind.Entered], traffic.Changes.Select(change => change.Kind));
        Assert.Equal("responsible=traffic title=title of leaves", Shown(Assert.Single(traffic.Records).Value));
    }

    [Fact]
    public async Task A_filter_on_a_field_that_events_do_not_carry_is_answered_from_the_history()
    {
        using var follower = await BeginAsync(City.Archive, "calls > 5 AND source_id = \"folds\"");
        var id = await OpenAsync("folds", "calls", new Value { Integer = 1 });
        await PushAsync(City.Centre, ["calls"], ById(id, new Value { Integer = 6 }));
        await PushAsync(City.Centre, ["title"], ById(id, Text("meanwhile")));
        await PushAsync(City.Centre, ["calls"], ById(id, new Value { Integer = 7 }));
        await follower.ReadThroughAsync(await city.HeadsAsync());
        Assert.Equal("calls=7 title=meanwhile", Shown(Assert.Single(follower.Records).Value));

        await PushAsync(City.Centre, ["calls"], ById(id, Clear));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal([ChangeKind.Entered, ChangeKind.Changed, ChangeKind.Changed, ChangeKind.Withdrawn], follower.Changes.Select(change => change.Kind));
        Assert.Equal(["title", "calls"], follower.Changes[1..3].Select(change => follower.Columns[Assert.Single(change.Columns)]));
    }

    [Fact]
    public async Task A_filter_on_the_time_of_the_last_change_sees_proposals_too()
    {
        var id = await OpenAsync("stirs", "calls", new Value { Integer = 1 });
        var since = (await city.ScalarAsync<DateTime>("SELECT update_time FROM subject.complaint WHERE source_id = 'stirs'")).AddTicks(10);
        using var follower = await BeginAsync(City.Archive, $"update_time >= {since:yyyy-MM-dd'T'HH:mm:ss.ffffff}Z AND source_id = \"stirs\"");

        var header = city.Header(City.Housing, "calls");
        header.UnownedFields = UnownedFields.Propose;
        await city.PushAsync(City.Housing, header, ById(id, new Value { Integer = 9 }));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal(ChangeKind.Entered, Assert.Single(follower.Changes).Kind);
        Assert.Equal("calls=1 title=title of stirs", Shown(Assert.Single(follower.Records).Value));
    }

    [Fact]
    public async Task Only_the_wanted_fields_come_in_the_wanted_order()
    {
        using var follower = await Follower.BeginAsync(
            city.FeedOf(City.Archive), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "calls", "title" }, Filter = "source_id = \"wants\"" });

        await PushAsync(City.Centre, ["title", "calls", "tags"], Own("wants", Text("a"), new Value { Integer = 3 }, new Value { TextList = new TextList { Values = { "x" } } }));
        await follower.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal(["calls", "title"], follower.Columns);
        Assert.Equal([0, 1], Assert.Single(follower.Changes).Columns);
        Assert.Equal("calls=3 title=a", Shown(Assert.Single(follower.Records).Value));
    }

    [Fact]
    public async Task Sealed_values_are_read_from_the_log_until_their_key_is_destroyed()
    {
        var opened = await PushAsync(City.Centre, ["title", "content", "phone"], Own("erased", Text("a"), Text("a sealed story"), Text("13812345678")));
        var id = Guid.Parse(opened.Results[0].RecordId);
        using (var owner = await BeginAsync(City.Centre, "source_id = \"erased\"", beginning: true))
        {
            await owner.ReadThroughAsync(await city.HeadsAsync());
            Assert.Equal("content=a sealed story phone=13812345678 title=a", Shown(owner.Records[id]));
        }

        await city.Log.Keys.DestroyAsync(city.Log.Partitions.ForRecord(id), id, CancellationToken.None);

        using var later = await BeginAsync(City.Centre, "source_id = \"erased\"", beginning: true);
        await later.ReadThroughAsync(await city.HeadsAsync());
        Assert.Equal("title=a", Shown(later.Records[id]));
    }

    [Fact]
    public async Task A_record_without_a_visible_field_is_not_there_until_it_has_one()
    {
        var request = new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "result" }, Filter = "source_id = \"result\"" };
        using var housing = await Follower.BeginAsync(city.FeedOf(City.Housing), request);
        var id = await OpenAsync("result", "responsible", Code("housing"));

        await PushAsync(City.Housing, ["result"], ById(id, Text("done")));
        await housing.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal([ChangeKind.Entered, ChangeKind.Changed], housing.Changes.Select(change => change.Kind));
        Assert.Equal("result=done", Shown(Assert.Single(housing.Records).Value));
    }

    private static string Shown(Dictionary<string, Value> values) => string.Join(' ', values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value =>
        $"{value.Key}={value.Value.KindCase switch
        {
            Value.KindOneofCase.Text => value.Value.Text,
            Value.KindOneofCase.Code => value.Value.Code,
            Value.KindOneofCase.Integer => value.Value.Integer,
            Value.KindOneofCase.Boolean => value.Value.Boolean,
            _ => value.Value,
        }}"));

    private Task<Follower> BeginAsync(Caller caller, string filter, bool beginning = false)
    {
        var request = new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = filter };
        if (beginning)
        {
            request.Beginning = true;
        }

        return Follower.BeginAsync(city.FeedOf(caller), request);
    }

    private async Task<string> OpenAsync(string sourceId, string field, Value value)
    {
        var receipt = await PushAsync(City.Centre, ["title", field], Own(sourceId, Text($"title of {sourceId}"), value));
        return receipt.Results[0].RecordId;
    }

    private async Task<PushReceipt> PushAsync(Caller caller, string[] fields, PushedRecord record)
    {
        var receipt = await city.PushAsync(caller, city.Header(caller, fields), record);
        Assert.Equal(RecordOutcome.Accepted, receipt.Results[0].Outcome);
        return receipt;
    }

    private Task GrantAsync(string id, Caller reader, params string[] fields) =>
        city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(reader, City.Centre, id, fields)));
}
