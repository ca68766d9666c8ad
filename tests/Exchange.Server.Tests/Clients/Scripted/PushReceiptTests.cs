using Exchange.Clients;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>What becomes of a push by what its caller does with the receipts.</summary>
public sealed class PushReceiptTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public static TheoryData<Exception> Faults =>
    [
        new InvalidOperationException("the reject file is closed"),
        new IOException("no space left"),
        new OperationCanceledException("the caller's own"),
        new RpcException(new Status(StatusCode.Unavailable, "another hub's")),
        new ExchangeException(StatusCode.Unavailable, "ELSEWHERE", "another hub is away"),
    ];

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task What_the_caller_of_a_receipt_throws_ends_the_push_and_is_thrown_to_whoever_adds_or_completes(Exception fault)
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Push = ScriptedHub.AcceptAllAsync;
        using var deadline = Deadline();
        var calls = 0;
        await using var session = hub.Connect().Records.OpenPush<int>(Tickets.Header("p"), new PushOptions { BatchRecords = 1, InFlight = 2 }, (_, _) =>
        {
            calls++;
            throw fault;
        });

        var adding = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            for (var number = 0; ; number++)
            {
                await session.AddAsync(Tickets.Ticket(number), number, deadline.Token);
            }
        });
        var completing = await Assert.ThrowsAnyAsync<Exception>(() => session.CompleteAsync(deadline.Token));

        Assert.Same(fault, adding);
        Assert.Same(fault, completing);
        Assert.Equal((1, 1), (calls, session.Connections));
    }

    [Fact]
    public async Task What_is_thrown_for_a_record_that_was_never_sent_ends_the_push_too()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Push = ScriptedHub.AcceptAllAsync;
        using var deadline = Deadline();
        var fault = new IOException("no space left");
        await using var session = hub.Connect().Records.OpenPush<int>(Tickets.Header("p"), new PushOptions(), (_, _) => throw fault);

        var adding = await Assert.ThrowsAnyAsync<Exception>(() => session.AddAsync(TooLarge(), 1, deadline.Token).AsTask());
        var completing = await Assert.ThrowsAnyAsync<Exception>(() => session.CompleteAsync(deadline.Token));

        Assert.Same(fault, adding);
        Assert.Same(fault, completing);
    }

    [Fact]
    public async Task Receipts_and_refusals_of_records_never_sent_come_one_call_at_a_time()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Push = ScriptedHub.AcceptAllAsync;
        using var deadline = Deadline();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tags = new List<int>();
        await using var session = hub.Connect().Records.OpenPush<int>(Tickets.Header("p"), new PushOptions(), async (items, _) =>
        {
            tags.Add(items[0].Tag);
            if (items[0].Tag is 1)
            {
                entered.SetResult();
                await leave.Task.WaitAsync(deadline.Token);
            }
        });
        await session.AddAsync(Tickets.Ticket(1), 1, deadline.Token);
        await session.FlushAsync(deadline.Token);
        await entered.Task.WaitAsync(deadline.Token);

        var refusing = session.AddAsync(TooLarge(), 2, deadline.Token).AsTask();

        Assert.False(refusing.IsCompleted);
        Assert.Equal([1], tags);
        leave.SetResult();
        await refusing;
        await session.CompleteAsync(deadline.Token);
        Assert.Equal([1, 2], tags);
    }

    [Fact]
    public async Task A_connection_that_breaks_while_a_receipt_is_worked_on_neither_loses_nor_repeats_it()
    {
        await using var hub = await ScriptedHub.StartAsync();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var streams = 0;
        hub.Push = async (requests, responses, context) =>
        {
            if (Interlocked.Increment(ref streams) > 1)
            {
                await ScriptedHub.AcceptAllAsync(requests, responses, context);
                return;
            }

            await requests.MoveNext(context.CancellationToken);
            await requests.MoveNext(context.CancellationToken);
            await responses.WriteAsync(ScriptedHub.Accept(requests.Current.Batch), context.CancellationToken);
            await entered.Task;
            throw ScriptedHub.Refusal(StatusCode.Unavailable, "SHUTTING_DOWN");
        };
        using var deadline = Deadline();
        var tags = new List<int>();
        await using var session = hub.Connect().Records.OpenPush<int>(Tickets.Header("p"), new PushOptions { BatchRecords = 1, InFlight = 1 }, async (items, _) =>
        {
            tags.Add(items[0].Tag);
            entered.TrySetResult();
            await leave.Task.WaitAsync(deadline.Token);
        });
        await session.AddAsync(Tickets.Ticket(1), 1, deadline.Token);
        await session.AddAsync(Tickets.Ticket(2), 2, deadline.Token);
        await entered.Task.WaitAsync(deadline.Token);

        // One slot, and it is not given back before the first receipt is done with.
        var completing = session.CompleteAsync(deadline.Token);
        Assert.False(completing.IsCompleted);
        leave.SetResult();
        await completing;

        Assert.Equal([1, 2], tags);
        Assert.Equal(2, session.Connections);
    }

    private static PushedRecord TooLarge() => Tickets.Ticket(9, new string('x', 4_000_000));

    private static CancellationTokenSource Deadline()
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(_patience);
        return deadline;
    }
}
