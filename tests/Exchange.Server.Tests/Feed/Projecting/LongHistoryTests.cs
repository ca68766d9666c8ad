using System.Runtime.CompilerServices;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

/// <summary>Records whose histories are long or whose values are large, and readers for whom the history must be folded.</summary>
public sealed class LongHistoryTests : IAsyncLifetime
{
    private const int Versions = 4_000;

    private readonly CityHub city = new()
    {
        Settings = new TestHubSettings { Add = services => services.AddSingleton(new FeedOptions { MaxHistoryBytes = 2_000, MaxEvents = 300 }) },
    };

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task Of_a_history_of_thousands_of_versions_no_more_than_the_record_is_kept()
    {
        var record = await PushVersionsAsync("long");
        var events = await ReadAsync(record);
        var watched = new List<WeakReference>();
        var alive = 0;
        var histories = new RecordHistories(Watched, city.Log.Keys.LoadAsync, City.State.Resources["complaint"], _ => false, maxBytes: 1 << 20);

        var fold = await histories.BeforeAsync(events[^1], [], CancellationToken.None);

        Assert.Equal(Versions - 1, fold.Version);
        Assert.Equal(Versions - 1, watched.Count);
        Assert.InRange(alive, 0, 20);

        async IAsyncEnumerable<StoredEvent> Watched(int partition, IReadOnlyCollection<Guid> streams, long through, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var stored in city.Log.Reader.EnumerateStreamsAsync(partition, streams, through, cancellationToken))
            {
                watched.Add(new WeakReference(stored));
                yield return stored;
            }

            GC.Collect();
            alive = watched.Count(reference => reference.IsAlive);
        }
    }

    [Fact]
    public async Task A_reader_whose_conditions_need_the_history_sees_every_one_of_thousands_of_versions()
    {
        await PushVersionsAsync("watched");
        using var follower = await BeginAsync("NOT calls = 7 AND source_id = \"watched\"");

        await follower.ReadThroughAsync(await city.HeadsAsync());

        // Versions go through 0 to 9 over and over: one in ten leaves the view, the next one enters it.
        Assert.Equal(Versions / 10, follower.Changes.Count(change => change.Kind is ChangeKind.Withdrawn));
        Assert.Equal((Versions / 10) + 1, follower.Changes.Count(change => change.Kind is ChangeKind.Entered));
        Assert.Equal(Versions, follower.Changes.Select(change => change.Version).Distinct().Count());
        Assert.Equal(9, Assert.Single(follower.Records).Value["calls"].Integer);
    }

    [Fact]
    public async Task Records_that_do_not_fit_together_are_folded_one_after_the_other()
    {
        // Two texts of 400 characters each: a few records are all that fits, and each of them comes again and again.
        foreach (var round in Enumerable.Range(0, 6))
        {
            await PushAsync([.. Enumerable.Range(0, 60).Select(number => Own($"wide-{number}", Text($"{round} {new string('x', 390)}"), new Value { Integer = (number + round) % 4 }))]);
        }

        using var follower = await BeginAsync("calls > 0 AND source_system = \"centre-desk\"");
        await follower.ReadThroughAsync(await city.HeadsAsync());

        Assert.Equal(45, follower.Records.Count);
        Assert.All(follower.Records.Values, values => Assert.StartsWith("5 x", values["title"].Text, StringComparison.Ordinal));
        Assert.Equal(60 * 6 - 15, follower.Changes.Count);
    }

    private async Task<Guid> PushVersionsAsync(string sourceId)
    {
        var receipt = new PushReceipt();
        for (var first = 0; first < Versions; first += 2_000)
        {
            receipt = await PushAsync([.. Enumerable.Range(first, 2_000).Select(version => Own(sourceId, Text(sourceId), new Value { Integer = version % 10 }))]);
        }

        Assert.Equal(Versions, receipt.Results[^1].Version);
        return Guid.Parse(receipt.Results[^1].RecordId);
    }

    private async Task<PushReceipt> PushAsync(PushedRecord[] records)
    {
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), records);
        Assert.All(receipt.Results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
        return receipt;
    }

    private Task<IReadOnlyList<StoredEvent>> ReadAsync(Guid record) =>
        city.Log.Reader.ReadStreamsAsync(city.Log.Partitions.ForRecord(record), [record], long.MaxValue, CancellationToken.None);

    private Task<Follower> BeginAsync(string filter) => Follower.BeginAsync(
        city.FeedOf(City.Archive),
        new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title", "calls" }, Filter = filter, Beginning = true });
}
