using Exchange.Catalog.Access;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Records.Pull;
using Exchange.Server.Records.Pull.Paging;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Records.Pull;

/// <summary>The ways a pull finds its rows: whichever it takes, it sends the same ones in the same order.</summary>
public sealed class PullWayTests(FilledCity filled) : IClassFixture<FilledCity>
{
    private static readonly int[] Partitions = [8, 1, 31, 24, 10];

    [Fact]
    public async Task A_filtered_pull_sends_the_rows_of_the_whole_pull_that_pass_in_the_same_order()
    {
        var whole = (await Pulled.AllOf(filled.Pull(FilledCity.Request("", "")))).Rows;
        foreach (var (filter, holds) in new (string, Func<RecordRow, bool>)[]
        {
            ("calls = 7", row => Calls(row) is 7),
            ("calls = 7 OR due = 2013-10-23", row => Calls(row) is 7 || Due(row) is 16_001),
            ("calls > 5 AND calls <= 40", row => Calls(row) is > 5 and <= 40),
            ("calls = 7 AND due = 2013-10-23", row => Calls(row) is 7 && Due(row) is 16_001),
            ("calls = 1000", _ => false),
            ("title : even AND calls = 8", row => Calls(row) is 8 && row.Values[0].Text.EndsWith("even", StringComparison.Ordinal)),
            ("title : \"42 even\"", row => row.Values[0].Text is "title 42 even"),
        })
        {
            var expected = whole.Where(holds).ToList();

            var pulled = await Pulled.AllOf(filled.Pull(FilledCity.Request(filter, "")));

            Assert.True(expected.SequenceEqual(pulled.Rows), filter);
            foreach (var limit in new[] { 1, 7, 50, 400 })
            {
                var request = FilledCity.Request(filter, "");
                request.Limit = limit;
                Assert.True(expected.Take(limit).SequenceEqual((await Pulled.AllOf(filled.Pull(request))).Rows), $"{filter}, at most {limit}");
            }
        }

        static long? Calls(RecordRow row) => row.Values[1].KindCase is Value.KindOneofCase.Integer ? row.Values[1].Integer : null;

        static int? Due(RecordRow row) => row.Values[2].KindCase is Value.KindOneofCase.Date ? row.Values[2].Date : null;
    }

    [Theory]
    [InlineData("calls = 1", 1_000, 0, 50, false)]
    [InlineData("calls = 1", 1_000, 12, 50, false)]
    [InlineData("calls = 1", 1_000, 13, 50, true)]
    [InlineData("calls = 1", 200, 13, 50, true)]
    [InlineData("calls = 1", 0, 0, 50, false)]
    [InlineData("title : even", 1_000, 50, 50, true)]
    [InlineData("title : even", 1_000, 100, 500, false)]
    public async Task A_sample_tells_whether_to_walk_or_to_ask_the_index(string filter, long rows, long passed, long wanted, bool walks)
    {
        var route = new PullRoute(await ShapeAsync(filter), Partitions);
        Assert.Equal((PullWay.Look, 1), (route.Way, PullRoute.Start(Partitions).Partition));

        route.Decide(rows, passed, wanted);

        Assert.Equal(walks ? PullWay.Walk : PullWay.Index, route.Way);
    }

    [Fact]
    public async Task Where_pages_of_proposals_follow_each_other_in_one_partition_the_rest_is_walked()
    {
        var route = new PullRoute(await ShapeAsync("calls = 1"), Partitions);
        var at = PullRoute.Start(Partitions);
        route.Decide(1_000, 100, 4_000);
        var pages = 0;

        // Of ten rows one passes: a walk reads 40 000 for a page of 4 000, and so would the sorting of ten pages.
        while (route.Way is PullWay.Index)
        {
            var last = at with { Opened = at.Opened + 4_000 };
            at = route.After(at, last, 4_000, 4_000, isFull: true)!.Value;
            Assert.Equal(last, at);
            pages++;
        }

        Assert.Equal((11, PullWay.Walk), (pages, route.Way));
        Assert.Equal([1], route.PartitionsAfter(at));
    }

    [Fact]
    public async Task Pages_of_an_index_are_taken_from_more_partitions_while_they_stay_short_and_from_each_once()
    {
        var route = new PullRoute(await ShapeAsync("calls = 1"), Partitions);
        var start = PullRoute.Start(Partitions);
        route.Decide(1_000, 0, 50);

        Assert.Equal([1], route.PartitionsAfter(start));
        var second = route.After(start, start with { Opened = 3 }, 3, 50, isFull: false);
        Assert.Equal([8, 10, 24, 31], route.PartitionsAfter(second!.Value));

        var last = new PullPosition(24, 9, Guid.NewGuid(), default);
        Assert.Equal(last, route.After(second.Value, last, 50, 50, isFull: true));
        Assert.Equal([24, 31], route.PartitionsAfter(last));
        Assert.Null(route.After(last, last, 0, 50, isFull: false));
    }

    [Fact]
    public async Task A_walk_goes_through_each_partition_in_order()
    {
        var route = new PullRoute(await ShapeAsync("fee > 1"), Partitions);
        var walked = new List<int>();
        for (PullPosition? next = PullRoute.Start(Partitions); next is { } after;)
        {
            walked.Add(after.Partition);
            var last = after with { Opened = 500 };
            Assert.Equal(last, route.After(after, last, 500, 500, isFull: true));
            next = route.After(last, last, 0, 500, isFull: false);
        }

        Assert.Equal([1, 8, 10, 24, 31], walked);
    }

    private async Task<PullShape> ShapeAsync(string filter)
    {
        var plan = await filled.Hub.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(
            City.Centre, City.Complaint, PlanAction.Pull, Exchange.Catalog.Purpose.Regulation, CancellationToken.None);
        return new PullShape(new PullView(plan.Value, [0], ReadSelection.Filter(plan.Value.Plan, filter, FilterUse.Pull).Value, null));
    }
}
