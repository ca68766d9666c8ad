using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Catalog.Quality;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Push;
using Microsoft.Extensions.DependencyInjection;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Catalog.Quality;

public sealed class QualityShownTests(MeasuredCity city) : IClassFixture<MeasuredCity>
{
    [Fact]
    public async Task Owners_see_their_scores_and_others_those_of_what_everybody_reads()
    {
        await city.PublishAsync(
            UpdateCycle.Daily,
            ("title", [new QualityRule.Required(), new QualityRule.Pattern("[a-z]+ [0-9]+")]),
            ("content", [new QualityRule.Required()]),
            ("phone", [new QualityRule.Required()]),
            ("secret_note", [new QualityRule.Required()]),
            ("result", [new QualityRule.Required()]),
            ("place", [new QualityRule.Required()]));
        await city.PushTitlesAsync(City.Centre, "shown", 30, number => number < 10 ? "Leak" : $"leak {number}");
        await city.PushTitlesAsync(City.Traffic, "few", 19, number => $"light {number}");
        await city.MeasureAsync();

        var (centre, traffic, grid, archive) = (await city.GetAsync(City.Centre), await city.GetAsync(City.Traffic), await city.GetAsync(City.Grid), await city.GetAsync(City.Archive));
        var found = Assert.Single((await new Proto.CatalogService.CatalogServiceClient(city.Hub.ClientOf(City.Archive).Invoker).SearchCatalogAsync(new())).Resources);

        Assert.Equal(["title centre", "content centre", "phone centre", "secret_note centre"], Shown(centre));
        Assert.Equal(["title centre", "title traffic", "content traffic", "phone traffic", "secret_note traffic"], Shown(traffic));

        // A masked field, which nobody but its owner sees the scores of.
        Assert.Equal(["title centre", "place grid"], Shown(grid));
        Assert.Equal(["title centre"], Shown(archive));
        Assert.Equal(archive.Quality.Score, found.Score);
        Assert.Equal((83.33, 60L), (found.Score.Percent, found.Score.Checks));
        var title = Assert.Single(archive.Quality.Fields);
        Assert.Equal([(100.0, 30L), (66.66, 30L)], title.Rules.Select(rule => (rule.Score.Percent, rule.Score.Checks)));
        Assert.Equal("[a-z]+ [0-9]+", title.Rules[1].Rule.Pattern);
        Assert.InRange(title.Score.MeasureTime.ToDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));

        // The owner closes the field: from then on nobody else sees its scores, though nothing is measured anew.
        await city.Hub.HappenAsync(new GovernanceEvent.SharingListChanged(new SharingList
        {
            Department = City.Centre.Department,
            Resource = City.Complaint,
            Revision = 1,
            Entries = [new SharingEntry { FieldNumber = 1, Level = Level.Public, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen }],
        }));
        Assert.Empty(Shown(await city.GetAsync(City.Archive)));
        Assert.Null((await city.GetAsync(City.Archive)).Quality.Score);
        Assert.Equal(Shown(centre), Shown(await city.GetAsync(City.Centre)));
    }

    [Fact]
    public async Task How_fresh_records_are_is_told_by_who_changed_them_against_the_declared_cycle()
    {
        await using var city = new MeasuredCity();
        await city.InitializeAsync();
        await city.PublishAsync(UpdateCycle.Daily);
        var before = await ReadAsync(city);
        var empty = before.ToProto(city.Hub.State, DateTimeOffset.UtcNow);
        await city.PushTitlesAsync(City.Centre, "fresh", 5, number => $"fresh {number}");
        await city.MeasureAsync();
        var centres = (await ReadAsync(city)).Changes["centre"];
        var receipt = await city.Hub.PushAsync(City.Grid, city.Hub.Header(City.Grid, "grid_note"), Pushed.OpenedAs("centre-desk", "fresh-1", Pushed.Text("at the corner")));
        Assert.Equal(Proto.RecordOutcome.Accepted, Assert.Single(receipt.Results).Outcome);

        // The same once more changes nothing.
        await city.PushTitlesAsync(City.Centre, "fresh-too", 1, _ => "fresh");
        await city.MeasureAsync();
        await city.Hub.HappenAsync(new GovernanceEvent.SharingListChanged(new SharingList
        {
            Department = City.Grid.Department,
            Resource = City.Complaint,
            Revision = 1,
            Entries = [new SharingEntry { FieldNumber = 16, Level = Level.Public, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen, UpdateCycle = UpdateCycle.Weekly }],
        }));

        var measured = await ReadAsync(city);
        var (centre, grid) = (measured.Changes["centre"], measured.Changes["grid"]);
        var calendar = city.Hub.State.Settings.Calendar;
        var due = calendar.BeginningOf(calendar.DayOf(centre).AddDays(2));

        Assert.Equal((Proto.StalenessState.NothingYet, 1), (empty.Staleness.State, empty.Departments.Count));
        Assert.Equal(("departments/grid", Proto.StalenessState.NothingYet), (empty.Departments[0].Department, empty.Departments[0].Staleness.State));
        Assert.True(centres < grid && grid < centre);
        var states = new[] { centre, due.AddTicks(-10), due, due.AddDays(5).AddTicks(-10), due.AddDays(7) }.Select(now =>
        {
            var quality = measured.ToProto(city.Hub.State, now);
            Assert.Equal(due, quality.Staleness.DueTime.ToDateTimeOffset());
            return $"{quality.Staleness.State} {string.Join(' ', quality.Departments.Select(department => $"{department.Department[12..]} {department.Staleness.UpdateCycle} {department.Staleness.State}"))}";
        });
        Assert.Equal(
            [
                "UpToDate centre Daily UpToDate grid Weekly UpToDate",
                "UpToDate centre Daily UpToDate grid Weekly UpToDate",
                "Overdue centre Daily Overdue grid Weekly UpToDate",
                "Overdue centre Daily Overdue grid Weekly UpToDate",
                "Overdue centre Daily Overdue grid Weekly Overdue",
            ],
            states);
        Assert.Equal(Proto.StalenessState.UpToDate, (await city.GetAsync(City.Archive)).Quality.Staleness.State);
    }

    [Fact]
    public async Task The_hub_measures_by_itself()
    {
        await using var city = new MeasuredCity();
        await city.InitializeAsync();
        await city.PublishAsync(UpdateCycle.Daily, ("title", [new QualityRule.Required()]));
        await city.PushTitlesAsync(City.Centre, "self", 25, number => $"self {number}");

        Proto.ResourceQuality quality;
        for (var deadline = DateTime.UtcNow.AddSeconds(120); (quality = (await city.GetAsync(City.Archive)).Quality).Score?.Checks is not 25;)
        {
            Assert.True(DateTime.UtcNow < deadline, "it was not measured in time");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Equal((100, Proto.StalenessState.UpToDate), (quality.Score.Percent, quality.Staleness.State));
    }

    private static IEnumerable<string> Shown(Proto.Resource resource) => resource.Quality.Fields.Select(field => $"{field.Field} {field.Owner["departments/".Length..]}");

    private static async Task<MeasuredResource> ReadAsync(MeasuredCity city) => (await city.Hub.Hub.Services.GetRequiredService<QualityReader>()
        .ReadAsync(city.Hub.State, [City.Complaint], City.Archive.Department, TestContext.Current.CancellationToken))[City.Complaint];
}
