using Exchange.EventStore.Projections;
using Exchange.EventStore.Reading;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;
using static Exchange.EventStore.Tests.Projections.Projecting;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>What a turn of a build costs: what it waits for, how much it takes at once, how often it tries.</summary>
public sealed class TurnTests
{
    [Fact]
    public async Task Only_the_build_that_is_read_waits_for_the_disk()
    {
        await using var store = await TestStore.CreateAsync("turns");
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        await log.AppendAsync(Unit(partition, Event(Guid.NewGuid())));
        var projection = new WatchedProjection(partition);
        await using var runner = await StartAsync(log, projection);

        await UntilCaughtUpAsync(runner);
        await runner.RebuildAsync(CancellationToken.None);
        await UntilAsync(runner, status => status is { ActiveBuild: 2, NextBuild: null });
        await log.AppendAsync(Unit(partition, Event(Guid.NewGuid())));
        await UntilCaughtUpAsync(runner);

        Assert.Equal([(1, "on", 1), (2, "off", 1), (2, "on", 1)], projection.Turns);
    }

    [Fact]
    public async Task A_rebuild_reads_ten_thousand_events_a_turn_in_order_and_each_once()
    {
        await using var store = await TestStore.CreateAsync("turns");
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        for (var i = 0; i < 5; i++)
        {
            await log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 5_001).Select(_ => Event(Guid.NewGuid()))]));
        }

        var projection = new WatchedProjection(partition);
        await using var runner = await StartAsync(log, projection);
        await UntilCaughtUpAsync(runner);
        await runner.RebuildAsync(CancellationToken.None);
        await UntilAsync(runner, status => status is { ActiveBuild: 2, NextBuild: null });

        Assert.Equal([(1, "on", 10_000), (1, "on", 10_000), (1, "on", 5_005), (2, "off", 10_000), (2, "off", 10_000), (2, "off", 5_005)], projection.Turns);
        Assert.Equal(Enumerable.Range(1, 25_005).Select(position => (long)position), projection.Positions[2]);
    }

    [Fact]
    public async Task A_poison_event_among_many_is_found_by_halves()
    {
        await using var store = await TestStore.CreateAsync("turns");
        var log = await store.OpenAsync();
        var partition = log.Partitions.Records[0];
        await log.AppendAsync(Unit(partition, [.. Enumerable.Range(0, 5_000).Select(_ => Event(Guid.NewGuid()))]));
        var projection = new WatchedProjection(partition) { Poison = 4_321 };
        await using var runner = await StartAsync(log, projection);

        var stopped = await UntilAsync(runner, status => status.Stop is not null);

        Assert.Equal((4_320L, 4_321L), (stopped.Stop!.Position, stopped.Stop.StopPosition));
        Assert.InRange(projection.Turns.Count, 1, 30);
        Assert.Equal(Enumerable.Range(1, 4_320).Select(position => (long)position), projection.Positions[1]);
    }

    private static async Task<ProjectionRunner> StartAsync(EventLog log, WatchedProjection projection)
    {
        var runner = new ProjectionRunner(log, projection, NullLogger.Instance);
        await runner.StartAsync(CancellationToken.None);
        return runner;
    }

    /// <summary>Keeps no table: it notes what it is given, and how its transaction commits.</summary>
    private sealed class WatchedProjection(int partition) : IAsyncProjection
    {
        public string Name => "watched";

        public IReadOnlyList<int> Partitions { get; } = [partition];

        /// <summary>Build, `synchronous_commit` and number of events of each turn, the failed ones too.</summary>
        public List<(int Build, string Commit, int Events)> Turns { get; } = [];

        /// <summary>What had its effect, by build.</summary>
        public Dictionary<int, List<long>> Positions { get; } = [];

        public long Poison { get; init; }

        public Task CreateAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task ApplyAsync(NpgsqlConnection connection, int build, PartitionSlice slice, CancellationToken cancellationToken)
        {
            await using var show = new NpgsqlCommand("SHOW synchronous_commit", connection);
            Turns.Add((build, (string)(await show.ExecuteScalarAsync(cancellationToken))!, slice.Events.Count));
            if (slice.Events.Any(e => e.Position == Poison))
            {
                throw new InvalidDataException("unknown type");
            }

            Positions.TryAdd(build, []);
            Positions[build].AddRange(slice.Events.Select(e => e.Position));
        }

        public Task ServeAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DropAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
