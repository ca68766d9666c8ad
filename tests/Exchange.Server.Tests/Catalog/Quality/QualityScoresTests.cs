using Exchange.Catalog;
using Exchange.Server.Catalog.Quality;
using Exchange.Server.Governance;
using Exchange.Server.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Exchange.Server.Tests.Catalog.Quality;

public sealed class QualityScoresTests(MeasuredCity city) : IClassFixture<MeasuredCity>
{
    [Fact]
    public async Task Other_rules_are_measured_anew_and_none_leave_nothing()
    {
        await city.PublishAsync(UpdateCycle.Daily, ("title", [new QualityRule.Pattern("[a-z]+-[0-9]+")]));
        await city.PushTitlesAsync(City.Centre, $"anew-{Guid.NewGuid()}", 40, number => $"anew-{number}");
        await city.MeasureAsync();
        var letters = await city.CountsAsync();

        await city.PublishAsync(UpdateCycle.Daily, ("title", [new QualityRule.Pattern("[0-9]+")]));
        var meanwhile = (await city.GetAsync(City.Centre)).Quality;
        await city.MeasureAsync();
        var digits = await city.CountsAsync();
        await city.PublishAsync(UpdateCycle.Daily);
        await city.MeasureAsync();

        Assert.True(letters["1 0 centre"].Met >= 40);
        Assert.Equal((letters["1 0 centre"].Checks, 0), digits["1 0 centre"]);
        Assert.Empty(await city.CountsAsync());

        // Never the old score for the new rules: the hub measures by itself too, and may have been done by then.
        Assert.True(meanwhile is { Measuring: true, Score: null, Fields.Count: 0 } or { Measuring: false, Score.Percent: 0 });
        Assert.Equal((false, 0), ((await city.GetAsync(City.Centre)).Quality.Measuring, (await city.GetAsync(City.Centre)).Quality.Fields.Count));
    }

    [Fact]
    public async Task Two_nodes_that_measure_at_once_count_everything_once()
    {
        var node = await city.Hub.Hub.StartSecondNodeAsync();
        var other = node.Services.GetRequiredService<QualityMeasurer>();
        await city.PublishAsync(UpdateCycle.Daily, ("place", [new QualityRule.Required()]));
        var governance = node.Services.GetRequiredService<GovernanceStore>();
        await governance.WaitBeyondAsync(city.Hub.State.Position - 1, TestContext.Current.CancellationToken);

        for (var round = 0; round < 3; round++)
        {
            await city.PushTitlesAsync(City.Centre, $"twice-{Guid.NewGuid()}", 64, number => $"twice {number}");
            await city.MeasureAsync(city.Measurer, other, city.Measurer, other);

            var records = await city.Hub.ScalarAsync<long>("SELECT count(*) FROM subject.complaint");
            Assert.Equal((records, await city.Hub.ScalarAsync<long>("SELECT count(*) FROM subject.complaint WHERE place$latitude IS NOT NULL")), (await city.CountsAsync())["8 0 grid"]);
        }
    }

    [Fact]
    public async Task While_one_node_measures_a_partition_another_leaves_it_alone_and_a_measure_that_breaks_off_leaves_what_was()
    {
        await city.PublishAsync(UpdateCycle.Daily, ("title", [new QualityRule.Required()]));
        await city.PushTitlesAsync(City.Centre, $"broken-{Guid.NewGuid()}", 64, number => $"broken {number}");
        await city.MeasureAsync();
        var before = await city.CountsAsync();
        var partition = city.Hub.Log.Partitions.Records[0];
        await using (var connection = await city.Hub.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (var lockAndEmpty = new NpgsqlCommand(
                $"UPDATE quality.measurement SET rules = '' WHERE partition = {partition}; DELETE FROM quality.score WHERE partition = {partition}", connection, transaction))
            {
                await lockAndEmpty.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }

            Assert.False(await city.Measurer.MeasureAsync(City.Complaint, partition, TestContext.Current.CancellationToken));
        }

        Assert.Equal(before, await city.CountsAsync());
    }

    [Fact]
    public async Task Nothing_is_counted_again_while_nothing_changed_until_a_day_has_passed_for_what_depends_on_time()
    {
        var now = DateTimeOffset.UtcNow;
        var measured = new Measurement(7, 5, "rules", 6, now);

        Assert.False(QualityMeasurer.IsScoreDue(measured, "rules", hasTime: true, now.AddHours(24).AddTicks(-1)));
        Assert.True(QualityMeasurer.IsScoreDue(measured, "rules", hasTime: true, now.AddHours(24)));
        Assert.False(QualityMeasurer.IsScoreDue(measured, "rules", hasTime: false, now.AddYears(1)));
        Assert.True(QualityMeasurer.IsScoreDue(measured, "others", hasTime: false, now));
        Assert.True(QualityMeasurer.IsScoreDue(measured with { ChangedPosition = 7 }, "rules", hasTime: false, now));
        Assert.False(QualityMeasurer.IsScoreDue(new Measurement(0, 0, "", 0, null), "", hasTime: false, now));

        await city.PublishAsync(UpdateCycle.Daily, ("title", [new QualityRule.Required()]));
        await city.MeasureAsync();
        Assert.False(await city.Measurer.MeasureAsync(City.Complaint, city.Hub.Log.Partitions.Records[0], TestContext.Current.CancellationToken));
    }
}
