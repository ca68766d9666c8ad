using Exchange.Server.Grpc.Room;

namespace Exchange.Server.Tests.Grpc.Room;

/// <summary>Room for requests is given out once, in order, and comes back.</summary>
public sealed class RequestBudgetTests
{
    private const long All = 32L << 20;

    private readonly RequestBudget budget = new(All);

    [Fact]
    public void There_is_as_much_room_as_was_told_and_not_a_byte_more()
    {
        Assert.True(budget.TryTake(All - 1));
        Assert.False(budget.TryTake(2));
        Assert.True(budget.TryTake(1));
        budget.Return(2);
        Assert.True(budget.TryTake(2));
    }

    [Fact]
    public async Task Who_waits_gets_room_in_the_order_of_coming_and_before_those_that_do_not_wait()
    {
        Assert.True(budget.TryTake(All));
        var first = budget.TakeAsync(All / 2, CancellationToken.None);
        var second = budget.TakeAsync(1, CancellationToken.None);

        budget.Return(10);
        Assert.False(budget.TryTake(1));
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);

        budget.Return(All - 10);
        await first;
        await second;
        Assert.True(budget.TryTake((All / 2) - 1));
        Assert.False(budget.TryTake(1));
    }

    [Fact]
    public async Task Who_stops_waiting_has_taken_nothing_and_holds_up_nobody()
    {
        using var stop = new CancellationTokenSource();
        Assert.True(budget.TryTake(All - 1));
        var gone = budget.TakeAsync(2, stop.Token);
        var next = budget.TakeAsync(1, CancellationToken.None);
        Assert.False(next.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => gone);
        await next;
        budget.Return(All);
        Assert.True(budget.TryTake(All));
    }

    [Fact]
    public async Task Whatever_many_threads_take_give_back_and_stop_waiting_for_the_room_is_all_there_at_the_end()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 5_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (seed, _) =>
        {
            var random = new Random(seed);
            var bytes = random.NextInt64(1, All / 3);
            using var stop = new CancellationTokenSource();
            if (random.Next(3) is 0)
            {
                stop.CancelAfter(TimeSpan.FromMicroseconds(random.Next(200)));
            }

            try
            {
                await budget.TakeAsync(bytes, stop.Token);
                await Task.Yield();
                budget.Return(bytes);
            }
            catch (TaskCanceledException)
            {
                // It took nothing.
            }
        });

        Assert.True(budget.TryTake(All));
        Assert.False(budget.TryTake(1));
    }
}
