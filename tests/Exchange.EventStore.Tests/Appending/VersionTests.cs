using Exchange.EventStore.Appending;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>Reliability B5: the version check is linearizable.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private TestStore store = null!;

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("version");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task Of_32_writers_that_write_the_same_version_exactly_one_wins()
    {
        // 20 seeds of 500 operations: 10,000 in all.
        var nodes = new[] { await store.OpenAsync(), await store.OpenAsync() };
        for (var seed = 0; seed < 20; seed++)
        {
            var stream = Guid.NewGuid();
            var partition = nodes[0].Partitions.ForRecord(stream);
            var operations = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(() => WriteAsync(nodes, stream, partition, new Random(seed * 32 + writer), 500 / 32 + 1))));

            var wins = operations.SelectMany(mine => mine).Where(operation => operation.IsStored).OrderBy(operation => operation.Expected).ToList();
            var losses = operations.SelectMany(mine => mine).Where(operation => !operation.IsStored).ToList();

            // One winner per version, without a hole.
            Assert.Equal(Enumerable.Range(0, wins.Count).Select(i => (long)i), wins.Select(win => win.Expected));

            // Real-time order: nobody won version n + 1 before the winner of n began, and nobody who began after it returned lost against less.
            Assert.All(wins.Zip(wins.Skip(1)), pair => Assert.True(pair.Second.Returned > pair.First.Began));
            Assert.All(losses, loss => Assert.True(
                wins[(int)loss.Expected].Began < loss.Returned, $"version {loss.Expected} was refused before anybody could have written it"));
            foreach (var win in wins)
            {
                // Who expected the stream to be where it was before this win, and began after the win returned, must have lost.
                Assert.DoesNotContain(wins, other => other.Expected < win.Expected && other.Began > win.Returned);
            }
        }
    }

    private static async Task<List<Operation>> WriteAsync(EventLog[] nodes, Guid stream, int partition, Random random, int count)
    {
        var operations = new List<Operation>();
        var expected = 0L;
        for (var i = 0; i < count; i++)
        {
            var began = System.Diagnostics.Stopwatch.GetTimestamp();
            var result = await nodes[random.Next(2)].AppendAsync(Unit(partition, Event(stream, expected: expected)));
            operations.Add(new Operation(expected, result.Refusal is null, began, System.Diagnostics.Stopwatch.GetTimestamp()));
            Assert.True(result.Refusal is null or { Reason: AppendRefusalReason.StaleVersion }, result.Refusal?.Message);

            // Losers read again, sometimes.
            expected = result.Refusal is null ? expected + 1
                : await nodes[random.Next(2)].Reader.ReadStreamAsync(partition, stream, expected, CancellationToken.None).Select(e => e.Version).LastOrDefaultAsync() is var last && last > 0 ? last : expected;
        }

        return operations;
    }

    private sealed record Operation(long Expected, bool IsStored, long Began, long Returned);
}
