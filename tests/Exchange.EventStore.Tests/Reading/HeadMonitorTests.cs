using System.Diagnostics;
using Exchange.EventStore.Tests.Faults;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

public sealed class HeadMonitorTests
{
    [Fact]
    public async Task The_age_of_a_head_grows_only_while_the_database_is_away()
    {
        await using var server = await OwnServer.StartAsync(new Dictionary<string, string>());
        await using var store = await TestStore.OnAsync(await server.Postgres.CreateDatabaseAsync("heads", CancellationToken.None));
        var log = await store.OpenAsync();
        var governance = log.Partitions.Governance;
        await log.AppendAsync(Unit(governance, Event(Guid.NewGuid())));
        Assert.Equal(1, log.Heads.Confirm(governance).Head);

        await server.Postgres.KillAsync(CancellationToken.None);
        await UntilAsync(() => log.Heads.Confirm(governance).Age > TimeSpan.FromSeconds(1));
        await server.Postgres.RestartAsync(CancellationToken.None);
        await UntilAsync(() => log.Heads.Confirm(governance).Age < TimeSpan.FromSeconds(1));

        Assert.Equal(1, log.Heads.Confirm(governance).Head);
    }

    [Fact]
    public async Task A_waiter_hears_of_another_nodes_append()
    {
        await using var store = await TestStore.CreateAsync("heads");
        var (one, other) = (await store.OpenAsync(), await store.OpenAsync());
        var waiting = other.Heads.WaitForAsync(one.Partitions.Governance, 3, CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            Assert.False(waiting.IsCompleted);
            await one.AppendAsync(Unit(one.Partitions.Governance, Event(Guid.NewGuid())));
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Heads_are_confirmed_again_however_little_of_the_interval_is_left()
    {
        await using var store = await TestStore.CreateAsync("heads");
        var log = await store.OpenAsync(options => options with { PollInterval = TimeSpan.FromMilliseconds(0.5) });

        for (var i = 0; i < 3; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await UntilAsync(() => log.Heads.Confirm(log.Partitions.Governance).Age < Stopwatch.GetElapsedTime(since));
        }
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isTrue())
        {
            await Task.Delay(5, deadline.Token);
        }
    }
}
