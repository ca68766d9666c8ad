using Exchange.Catalog;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Push;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Catalog.Quality;

public sealed class QualityCountTests(MeasuredCity city) : IClassFixture<MeasuredCity>
{
    private static readonly (string Field, QualityRule[] Rules)[] Rules =
    [
        ("title", [new QualityRule.Required(), new QualityRule.Pattern("t[0-9]|区 [0-9]{2}|l.*k")]),
        ("calls", [new QualityRule.Range("0", "10"), new QualityRule.Range("5", ""), new QualityRule.Required()]),
        ("fee", [new QualityRule.Range("", "12.5")]),
        ("due", [new QualityRule.Range("2020-01-01", ""), new QualityRule.Timeliness("accepted_at", 48, 0), new QualityRule.Timeliness("accepted_at", 0, 3)]),
        ("accepted_at", [new QualityRule.Timeliness("", 24, 0), new QualityRule.Timeliness("due", 0, 1)]),
        ("tags", [new QualityRule.Required(), new QualityRule.Timeliness("accepted_at", 100, 0)]),
        ("status", [new QualityRule.Reference(new("statuses")), new QualityRule.Timeliness("accepted_at", 0, 2), new QualityRule.Required()]),
        ("result", [new QualityRule.Required()]),
        ("secret_note", [new QualityRule.Required()]),
        ("place", [new QualityRule.Required()]),
    ];

    [Fact]
    public async Task Scores_are_what_counting_record_by_record_gives()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await city.PublishAsync(UpdateCycle.Daily, Rules);
        List<RandomComplaint> complaints = [];
        for (var round = 0; round < 3; round++)
        {
            complaints.AddRange(await PushAsync(random, $"random-{seed}-{round}", 150));
            await city.MeasureAsync();
            await AssertCountsAsync(complaints);
        }

        // The control: counting one record less, or one rule otherwise, does not give the same.
        var counted = await city.CountsAsync();
        var times = await TimesAsync();
        Assert.Equal(Count(complaints, times), counted);
        Assert.NotEqual(Count(complaints[1..], times), counted);
        await city.Hub.ExecuteAsync("UPDATE subject.complaint SET title = title || '!' WHERE title <> ''; UPDATE quality.measurement SET rules = 'others'");
        await city.MeasureAsync();
        Assert.NotEqual(Count(complaints, await TimesAsync()), await city.CountsAsync());
    }

    private async Task<List<RandomComplaint>> PushAsync(Random random, string prefix, int count)
    {
        List<RandomComplaint> complaints = [.. Enumerable.Range(0, count).Select(number => new RandomComplaint(random, $"{prefix}-{number}", DateTimeOffset.UtcNow))];
        foreach (var mine in complaints.GroupBy(complaint => complaint.Opener))
        {
            AssertAccepted(await city.Hub.PushAsync(mine.Key, city.Hub.Header(mine.Key, RandomComplaint.OpenersFields), [.. mine.Select(complaint => complaint.ToPushed())]));
        }

        foreach (var mine in complaints.Where(complaint => complaint.Handler is not null).GroupBy(complaint => complaint.Handler!))
        {
            AssertAccepted(await city.Hub.PushAsync(
                mine.Key, city.Hub.Header(mine.Key, "status"), [.. mine.Select(complaint => Pushed.OpenedAs(complaint.Opener.Department.Value + "-desk", complaint.Id, Pushed.Code(complaint.Status!)))]));
        }

        var placed = complaints.Where(complaint => complaint.HasPlace);
        AssertAccepted(await city.Hub.PushAsync(
            City.Grid,
            city.Hub.Header(City.Grid, "place"),
            [.. placed.Select(complaint => Pushed.OpenedAs(complaint.Opener.Department.Value + "-desk", complaint.Id, new Proto.Value { Point = new Proto.Point { Latitude = 31, Longitude = 121 } }))]));
        return complaints;
    }

    private static void AssertAccepted(Proto.PushReceipt receipt) => Assert.All(receipt.Results, result => Assert.Equal(Proto.RecordOutcome.Accepted, result.Outcome));

    private async Task AssertCountsAsync(List<RandomComplaint> complaints)
    {
        var times = await TimesAsync();
        Assert.Equal(Count(complaints, times), await city.CountsAsync());
    }

    // When each was opened, and when its partition was measured.
    private async Task<Dictionary<string, (DateTimeOffset Opened, DateTimeOffset Measured)>> TimesAsync()
    {
        Dictionary<string, (DateTimeOffset, DateTimeOffset)> times = [];
        await using var command = city.Hub.Database.CreateCommand(
            "SELECT s.source_id, s.create_time, m.score_time FROM subject.complaint s JOIN quality.measurement m ON m.partition = s.partition AND m.resource = 'complaint'");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            times[reader.GetString(0)] = (reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2));
        }

        return times;
    }

    private SortedDictionary<string, (long Checks, long Met)> Count(IEnumerable<RandomComplaint> complaints, Dictionary<string, (DateTimeOffset Opened, DateTimeOffset Measured)> times)
    {
        SortedDictionary<string, (long Checks, long Met)> counts = new(StringComparer.Ordinal);
        foreach (var complaint in complaints)
        {
            foreach (var rule in QualityRules.Of(city.Resource))
            {
                var (applies, isMet) = complaint.Meets(rule.Field.Name, rule.Rule, city.Hub.State.Settings.Calendar, times[complaint.Id].Measured, times[complaint.Id].Opened);
                if (applies && complaint.OwnerOf(rule.Field.Name) is { } owner)
                {
                    var key = $"{rule.Field.Number} {rule.Index} {owner}";
                    var known = counts.GetValueOrDefault(key);
                    counts[key] = (known.Checks + 1, known.Met + (isMet ? 1 : 0));
                }
            }
        }

        return counts;
    }
}
