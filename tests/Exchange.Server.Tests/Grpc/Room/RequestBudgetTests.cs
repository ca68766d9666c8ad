using System.Globalization;
using Exchange.Catalog;
using Exchange.Server.Grpc.Room;

namespace Exchange.Server.Tests.Grpc.Room;

/// <summary>Room for requests is given out once, in shares and in turn, and comes back.</summary>
public sealed class RequestBudgetTests
{
    private const long All = 32L << 20;
    private const long Share = All / 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly ClientId[] Clients = [.. Enumerable.Range(0, 5).Select(n => new ClientId(string.Create(CultureInfo.InvariantCulture, $"desk-{n}")))];
    private static readonly ClientId A = Clients[0];
    private static readonly ClientId B = Clients[4];

    private readonly RequestBudget budget = new(All);

    [Fact]
    public void There_is_as_much_room_as_was_told_and_not_a_byte_more()
    {
        TakeAll();

        Assert.False(budget.TryTake(B, 1));
        budget.Return(A, 2);
        Assert.False(budget.TryTake(B, 3));
        Assert.True(budget.TryTake(B, 2));
        Assert.False(budget.TryTake(A, 1));
    }

    [Fact]
    public async Task One_client_gets_its_share_and_no_more_and_keeps_nobody_out()
    {
        Assert.True(budget.TryTake(A, Share));

        var more = budget.TakeAsync(A, 1, CancellationToken.None);

        Assert.False(budget.TryTake(A, 1));
        Assert.False(more.IsCompleted);
        Assert.True(budget.TryTake(B, Share));
        await budget.TakeAsync(Clients[1], Share, CancellationToken.None);

        budget.Return(A, 1);
        await more.WaitAsync(Patience);
    }

    [Fact]
    public void The_largest_message_fits_into_the_share_of_the_smallest_node()
    {
        var small = new RequestBudget(12L << 20);

        Assert.True(small.TryTake(A, 4L << 20));
        Assert.False(small.TryTake(A, 1));
    }

    [Fact]
    public async Task Who_waits_gets_room_in_the_order_of_coming_and_before_those_that_do_not_wait()
    {
        TakeAll();
        var first = budget.TakeAsync(B, Share / 2, CancellationToken.None);
        var second = budget.TakeAsync(B, 1, CancellationToken.None);

        budget.Return(A, 10);
        Assert.False(budget.TryTake(A, 1));
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);

        budget.Return(A, Share - 10);
        await first.WaitAsync(Patience);
        await second.WaitAsync(Patience);
        Assert.True(budget.TryTake(A, (Share / 2) - 1));
        Assert.False(budget.TryTake(A, 1));
    }

    [Fact]
    public async Task Clients_that_wait_take_turns_however_much_each_asks_for()
    {
        TakeAll();
        budget.Return(A, Share);
        budget.Return(Clients[1], Share);
        Assert.True(budget.TryTake(B, Share));
        await budget.TakeAsync(new ClientId("desk-5"), Share, CancellationToken.None);
        Task[] many = [.. Enumerable.Range(0, 8).Select(_ => budget.TakeAsync(A, Share / 8, CancellationToken.None))];
        var one = budget.TakeAsync(Clients[1], Share / 8, CancellationToken.None);

        budget.Return(B, Share / 8);
        await many[0].WaitAsync(Patience);
        budget.Return(B, Share / 8);

        await one.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_one_client_waits_for_is_no_more_than_its_share_and_others_wait_for_theirs()
    {
        using var stop = new CancellationTokenSource();
        TakeAll();
        var (half, rest) = (budget.TakeAsync(B, Share / 2, stop.Token), budget.TakeAsync(B, Share / 2, CancellationToken.None));

        Assert.False(await budget.TakeAsync(B, 1, CancellationToken.None));
        var other = budget.TakeAsync(A, Share, CancellationToken.None);
        Assert.False(other.IsCompleted);

        // Who leaves, and who gets its room, make place for others.
        await stop.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => half);
        var next = budget.TakeAsync(B, Share / 2, CancellationToken.None);
        Assert.False(await budget.TakeAsync(B, 1, CancellationToken.None));
        ReturnAll();

        var gotRoom = await Task.WhenAll(rest, other, next).WaitAsync(Patience);
        Assert.Equal([true, true, true], gotRoom);
        Assert.Equal([(A, Share, 0), (B, Share, 0)], budget.Holders.OrderBy(holder => holder.Client.Value));
    }

    [Fact]
    public async Task Who_stops_waiting_has_taken_nothing_and_holds_up_nobody()
    {
        using var stop = new CancellationTokenSource();
        TakeAll();
        budget.Return(A, 1);
        var gone = budget.TakeAsync(B, 2, stop.Token);
        var next = budget.TakeAsync(A, 1, CancellationToken.None);
        Assert.False(next.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => gone);
        await next.WaitAsync(Patience);
        ReturnAll();
        TakeAll();
    }

    [Fact]
    public async Task Who_stops_waiting_for_its_own_share_lets_its_next_call_go_on()
    {
        using var stop = new CancellationTokenSource();
        Assert.True(budget.TryTake(A, Share - 1));
        var gone = budget.TakeAsync(A, 2, stop.Token);
        var next = budget.TakeAsync(A, 1, CancellationToken.None);
        Assert.False(next.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => gone);
        await next.WaitAsync(Patience);
    }

    [Fact]
    public async Task Whatever_many_threads_take_give_back_and_stop_waiting_for_the_room_is_all_there_at_the_end()
    {
        var taken = new long[Clients.Length];
        await Parallel.ForEachAsync(Enumerable.Range(0, 5_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (seed, _) =>
        {
            var random = new Random(seed);
            var (client, bytes) = (random.Next(Clients.Length), random.NextInt64(1, Share));
            using var stop = new CancellationTokenSource();
            if (random.Next(3) is 0)
            {
                stop.CancelAfter(TimeSpan.FromMicroseconds(random.Next(200)));
            }

            try
            {
                if (!await budget.TakeAsync(Clients[client], bytes, stop.Token))
                {
                    return;
                }

                Assert.InRange(Interlocked.Add(ref taken[client], bytes), 1, Share);
                await Task.Yield();
                Interlocked.Add(ref taken[client], -bytes);
                budget.Return(Clients[client], bytes);
            }
            catch (TaskCanceledException)
            {
                // It took nothing.
            }
        });

        TakeAll();
        Assert.False(budget.TryTake(B, 1));
    }

    // By all but the last.
    private void TakeAll() => Assert.All(Clients[..4], client => Assert.True(budget.TryTake(client, Share)));

    private void ReturnAll() => Array.ForEach(Clients[..4], client => budget.Return(client, Share));
}
