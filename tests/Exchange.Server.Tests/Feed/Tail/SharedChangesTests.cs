using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.Policy.Conditions;
using Exchange.Server.Access;
using Exchange.Server.Feed;
using Exchange.Server.Tests.Records;
using Purpose = Exchange.Catalog.Purpose;

namespace Exchange.Server.Tests.Feed;

public sealed class SharedChangesTests
{
    private const int Events = 200;
    private const int EventBytes = 1_000;

    [Fact]
    public async Task However_many_views_come_at_once_they_take_what_they_hold_and_not_what_they_might()
    {
        // Room for what some views might hold, and for what all of them do.
        var budget = new WindowBudget((Environment.ProcessorCount + 4) * 2L * Events * EventBytes);
        var shared = new SharedChanges(new ChangeProjector(null!, int.MaxValue, 0, null!), [Slice()], budget);
        var plan = AccessPlanCompiler.Compile(City.State, City.Archive, City.Complaint, PlanAction.Follow, Purpose.Regulation, 1, DateTimeOffset.UtcNow).Value;
        var views = Enumerable.Range(0, 10 * (Environment.ProcessorCount + 4)).Select(calls => new FeedView(
            new ReadPlan(plan, new byte[32]), [0], new Condition.Compare(new AttributeRef("calls", 13, FieldType.Integer), CompareOp.Greater, FieldValue.Integer(calls))));

        var made = await Task.WhenAll(views.Select(view => Task.Run(async () => await shared.FindAsync(view, CancellationToken.None))));

        Assert.All(made, runs => Assert.Equal(Events, Assert.Single(runs!).Events));
        Assert.False(budget.IsShort);
    }

    private static PartitionSlice Slice() => new(8, 0, Events, [.. Enumerable.Range(1, Events).Select(position => new StoredEvent
    {
        Partition = 8,
        Position = position,
        StreamId = Guid.NewGuid(),
        Version = 1,
        Type = "thing-happened",
        Payload = new byte[EventBytes],
        Caller = "centre",
        Client = "centre-desk",
        GovernancePosition = 1,
        RecordedAt = DateTimeOffset.UnixEpoch,
    })]);
}
