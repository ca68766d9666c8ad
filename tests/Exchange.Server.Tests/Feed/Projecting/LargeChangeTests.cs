using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using FieldDefinition = Exchange.Catalog.FieldDefinition;
using OwnerRule = Exchange.Catalog.OwnerRule;
using ResourceDefinition = Exchange.Catalog.ResourceDefinition;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class LargeChangeTests : IAsyncLifetime
{
    private const string Name = "resources/dossier";

    private static readonly string[] Texts = ["short", "first", "second", "third"];

    private readonly CityHub city = new();

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        var calls = City.Fields.Single(field => field.Name is "calls") with { Owner = new OwnerRule.Opener() };
        var dossier = new ResourceDefinition(
            new("dossier"), 1, [.. Texts.Select((name, index) => City.Fields[0] with { Number = index + 1, Name = name, Required = false, Searchable = false, MaxLength = FieldDefinition.LongestText }), calls])
        {
            Department = City.Centre.Department,
        };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(dossier, CancellationToken.None);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(dossier));
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_record_larger_than_a_message_enters_without_its_longest_values_and_says_which()
    {
        // Three bytes a character: 2.4, 1.8 and 0.9 MB, pushed one by one; then the record enters the view as a whole.
        await PushAsync("short", Text("s"));
        await PushAsync("first", Text(new string('一', 800_000)));
        await PushAsync("second", Text(new string('二', 600_000)));
        await PushAsync("third", Text(new string('三', 300_000)));
        using var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), new FollowRequest { Resource = Name, Purpose = Purpose.Regulation, Filter = "calls > 5" });

        var id = await PushAsync("calls", new Value { Integer = 6 });
        await PushAsync("short", Text("goes on"));
        await follower.ReadUntilAsync(() => follower.Changes.Count is 2);

        var entered = follower.Changes[0];
        Assert.Equal(ChangeKind.Entered, entered.Kind);
        Assert.Equal(["first"], entered.OmittedColumns.Select(column => follower.Columns[column]));
        Assert.Equal(["short", "second", "third", "calls"], entered.Columns.Select(column => follower.Columns[column]));
        Assert.Equal(300_000, entered.Values[2].Text.Length);
        Assert.Equal("goes on", follower.Records[Guid.Parse(id)]["short"].Text);
        var rest = await city.RecordsOf(City.Archive).GetRecordAsync(
            new GetRecordRequest { Name = $"{Name}/records/{id}", Purpose = Purpose.Regulation, Position = entered.Position, Fields = { "first" } });
        Assert.Equal(800_000, Assert.Single(rest.Values).Value.Text.Length);
    }

    private async Task<string> PushAsync(string field, Value value)
    {
        var header = city.Header(City.Centre, field);
        header.Resource = Name;
        var receipt = await city.PushAsync(City.Centre, header, Own("large", value));
        Assert.Equal(RecordOutcome.Accepted, receipt.Results[0].Outcome);
        return receipt.Results[0].RecordId;
    }
}
