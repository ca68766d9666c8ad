using System.Diagnostics;
using Exchange.EventStore.Appending;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>Reliability B5: the version check is linearizable.</summary>
public sealed class VersionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Of_32_writers_that_write_the_same_version_exactly_one_wins()
    {
        // 20 seeds of 500 operations: 10,000 in all.
        await using var store = await TestStore.CreateAsync("version");
        var nodes = new[] { await store.OpenAsync(), await store.OpenAsync() };
        var (won, lost) = (0, 0);
        for (var seed = 0; seed < 20; seed++)
        {
            var stream = Guid.NewGuid();
            var partition = nodes[0].Partitions.ForRecord(stream);
            var operations = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(() => WriteAsync(nodes, stream, partition, new Random(seed * 32 + writer), 500 / 32 + 1))));
            var history = operations.SelectMany(mine => mine).ToList();

            Assert.Null(VersionHistory.FindFault(history));
            Assert.Equal(history.Count(write => write.IsStored), await store.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE stream_id = $1", stream));
            won += history.Count(write => write.IsStored);
            lost += history.Count(write => !write.IsStored);
        }

        output.WriteLine($"{won} won, {lost} lost");
        Assert.True(won > 20 && lost > won, $"{won} won and {lost} lost: the writers did not compete");
    }

    [Fact]
    public void A_history_in_which_writers_overlap_and_one_wins_each_version_is_no_fault() =>
        Assert.Null(VersionHistory.FindFault([Won(0, 0, 10), Lost(0, 1, 3), Won(1, 2, 12), Lost(0, 11, 20), Won(2, 12, 13), Lost(2, 12, 14), Lost(1, 3, 4)]));

    [Theory]
    [InlineData("version 1 was won twice")]
    [InlineData("version 1 was won by nobody")]
    [InlineData("version 2 was won and answered before")]
    [InlineData("version 1 was refused before anybody")]
    [InlineData("version 3 was refused, and nobody wrote it")]
    public void A_history_that_no_order_explains_is_found(string fault)
    {
        VersionedWrite[] good = [Won(0, 0, 10), Lost(0, 5, 15), Won(1, 20, 30), Lost(1, 25, 35), Won(2, 40, 50)];
        VersionedWrite[] bad = fault switch
        {
            "version 1 was won twice" => [.. good, Won(1, 60, 70)],
            "version 1 was won by nobody" => [.. good.Where(write => write != Won(1, 20, 30))],

            // A stale win: it was asked for, and stored, after its successor's answer.
            "version 2 was won and answered before" => [.. good.Where(write => write != Won(1, 20, 30)), Won(1, 55, 60)],

            // A loss that came back before the only one who could have taken the version began.
            "version 1 was refused before anybody" => [.. good, Lost(1, 12, 19)],
            _ => [.. good, Lost(3, 60, 70)],
        };

        Assert.Null(VersionHistory.FindFault(good));
        Assert.StartsWith(fault, VersionHistory.FindFault(bad), StringComparison.Ordinal);
    }

    private static VersionedWrite Won(long expected, long began, long returned) => new(expected, true, began, returned);

    private static VersionedWrite Lost(long expected, long began, long returned) => new(expected, false, began, returned);

    private static async Task<List<VersionedWrite>> WriteAsync(EventLog[] nodes, Guid stream, int partition, Random random, int count)
    {
        var operations = new List<VersionedWrite>();
        var expected = 0L;
        for (var i = 0; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var result = await nodes[random.Next(2)].AppendAsync(Unit(partition, Event(stream, expected: expected)));
            operations.Add(new VersionedWrite(expected, result.Refusal is null, began, Stopwatch.GetTimestamp()));
            Assert.True(result.Refusal is null or { Reason: AppendRefusalReason.StaleVersion }, result.Refusal?.Message);

            // Losers read again, sometimes.
            expected = result.Refusal is null ? expected + 1
                : await nodes[random.Next(2)].Reader.ReadStreamAsync(partition, stream, expected, CancellationToken.None).Select(e => e.Version).LastOrDefaultAsync() is var last && last > 0 ? last : expected;
        }

        return operations;
    }
}
