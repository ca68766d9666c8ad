using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Language;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using PolicyAction = Exchange.Catalog.PolicyAction;
using PolicyRow = Exchange.Catalog.PolicyRow;
using Purpose = Exchange.Protos.V1.Purpose;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

/// <summary>A department's attributes change while it follows under rows that ask for them.</summary>
public sealed class FollowAttributeTests : IAsyncLifetime
{
    private static readonly PolicyRow Permit = new()
    {
        Id = new("own-cases"), Subject = "departments/archive", Object = "resources/complaint/fields/content", Actions = [PolicyAction.Read, PolicyAction.Follow],
        RowFilter = "responsible = caller.handles", Effect = RuleEffect.Allow, Reason = "they handle them",
    };

    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task An_attribute_that_opens_more_is_told_on_the_open_stream_and_taking_it_away_ends_the_stream_with_the_row()
    {
        await city.HappenAsync(new GovernanceEvent.PolicyRowSet(Permit));
        using var follower = await BeginAsync();
        await PushAsync("earlier", "housing");
        await follower.ReadUntilAsync(() => follower.Changes.Count is 1);
        Assert.Equal([("housing", null)], Known(follower));

        await HandlesAsync("housing");
        await follower.ReadUntilAsync(() => follower.Backfills.Count is 1);
        await PushAsync("ours", "housing");
        await PushAsync("theirs", "traffic");
        await follower.ReadUntilAsync(() => follower.Changes.Count is 3);
        await HandlesAsync(null);
        var end = await follower.ReadToEndAsync();

        Assert.All(follower.Backfills[0].Ranges, range => Assert.Equal(0, range.After));
        Assert.Equal([("housing", null), ("housing", "content of ours"), ("traffic", null)], Known(follower));
        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
        Assert.Equal(("content", "own-cases"), (end.Detail<ErrorInfo>()!.Metadata["fields"], end.Detail<ErrorInfo>()!.Metadata["rules"]));
    }

    [Fact]
    public async Task A_department_that_moves_loses_the_old_records_by_the_row_and_reads_the_new_ones_again()
    {
        await HandlesAsync("housing");
        await city.HappenAsync(new GovernanceEvent.PolicyRowSet(Permit with
        {
            Id = new("others-cases"), Object = "resources/complaint", RowFilter = "NOT responsible = caller.handles", Effect = RuleEffect.Deny,
        }));
        using var follower = await BeginAsync();
        await PushAsync("first", "housing");
        await PushAsync("second", "traffic");
        await follower.ReadThroughAsync(await city.HeadsAsync());

        await HandlesAsync("traffic");
        var end = await follower.ReadToEndAsync();
        using var again = await follower.ResumeAsync(city.FeedOf(City.Archive), Request());
        await again.ReadUntilAsync(() => again.Backfills.Count is 1);
        await PushAsync("first", "housing", title: "changed");
        await PushAsync("second", "traffic", title: "changed");
        await again.ReadUntilAsync(() => again.Changes.Count is 1);

        Assert.Single(follower.Changes);
        Assert.Equal([("housing", null)], Known(follower));
        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (end.StatusCode, end.Reason()));
        Assert.Contains("others-cases", end.Detail<ErrorInfo>()!.Metadata["rules"].Split(','));
        Assert.Equal(["changed"], again.Changes.SelectMany(change => change.Values).Where(value => value.KindCase is Value.KindOneofCase.Text).Select(value => value.Text));
    }

    private static FollowRequest Request() => new() { Resource = "resources/complaint", Purpose = Purpose.Regulation };

    private static (string? Responsible, string? Content)[] Known(Follower follower) =>
        [.. follower.Records.Values.Select(values => (values["responsible"].Code, values.GetValueOrDefault("content")?.Text)).Order()];

    private Task<Follower> BeginAsync() => Follower.BeginAsync(city.FeedOf(City.Archive), Request());

    private Task HandlesAsync(string? department)
    {
        var archive = city.State.Departments[City.Archive.Department.Value];
        var attributes = ImmutableSortedDictionary<string, string>.Empty;
        return city.HappenAsync(new GovernanceEvent.DepartmentChanged(archive with
        {
            Attributes = department is null ? attributes : attributes.Add("handles", department), Revision = archive.Revision + 1,
        }));
    }

    private Task<PushReceipt> PushAsync(string sourceId, string responsible, string title = "a title") => city.PushAsync(
        City.Centre, city.Header(City.Centre, "title", "responsible", "content"), Own(sourceId, Text(title), Code(responsible), Text($"content of {sourceId}")));
}
