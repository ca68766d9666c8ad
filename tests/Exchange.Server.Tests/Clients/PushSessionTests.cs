using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Clients.Records;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Grpc.Core;
using Record = Xunit.Record;

namespace Exchange.Server.Tests.Clients;

public sealed class PushSessionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Receipts_come_to_their_records_and_the_same_push_again_changes_nothing()
    {
        await using var hub = await ClientHub.StartAsync("client_push");
        var hotline = await hub.RegisterAsync("hotline");

        var first = await Tickets.PushAsync(hotline, "p1", Enumerable.Range(1, 730));
        var again = await Tickets.PushAsync(hotline, "p1", Enumerable.Range(1, 730));
        var later = await Tickets.PushAsync(hotline, "p2", Enumerable.Range(1, 730));

        Assert.Equal(730, first.Count);
        Assert.All(first.Values, r => Assert.Equal(RecordOutcome.Accepted, r.Outcome));
        Assert.Equal(730, first.Values.Select(r => r.RecordId).Distinct().Count());
        Assert.All(again, r => Assert.Equal(first[r.Key], r.Value));
        Assert.All(later, r => Assert.Equal((RecordOutcome.Unchanged, first[r.Key].RecordId), (r.Value.Outcome, r.Value.RecordId)));
    }

    [Fact]
    public async Task A_push_that_outlives_its_tokens_and_a_restart_of_the_hub_loses_nothing_and_doubles_nothing()
    {
        await using var hub = await ClientHub.StartAsync("client_push_resume", new TestHubSettings { Options = o => o with { AccessTokenLifetime = TimeSpan.FromSeconds(2) } });
        var hotline = await hub.RegisterAsync("hotline");
        var results = new Dictionary<int, RecordResult>();
        var received = new SemaphoreSlim(0);
        await using var session = hotline.Records.OpenPush<int>(Tickets.Header("long"), new PushOptions { BatchRecords = 20, InFlight = 4 }, (items, receipt) =>
        {
            for (var i = 0; i < items.Count; i++)
            {
                results.Add(items[i].Tag, receipt.Results[i]);
            }

            received.Release();
            return ValueTask.CompletedTask;
        });

        // Until two tokens have expired; then the hub goes away with batches in flight and comes back.
        var number = 0;
        while (session.Connections < 3)
        {
            await PushBatchAsync();
            Assert.True(await received.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        }

        await PushBatchAsync();
        await PushBatchAsync();
        await hub.Hub.RestartAsync();
        await PushBatchAsync();
        await session.CompleteAsync(Cancellation);

        Assert.Equal(number, results.Count);
        Assert.All(results.Values, r => Assert.Equal((RecordOutcome.Accepted, 1L), (r.Outcome, r.Version)));

        async Task PushBatchAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                await session.AddAsync(Tickets.Ticket(++number), number, Cancellation);
            }

            await session.FlushAsync(Cancellation);
        }
    }

    [Fact]
    public async Task A_push_that_is_refused_as_a_whole_says_why_to_whoever_adds_or_completes()
    {
        await using var hub = await ClientHub.StartAsync("client_push_refused");
        var hotline = await hub.RegisterAsync("hotline");
        var header = Tickets.Header("p");
        header.Fields.Add("no_such_field");
        await using var session = hotline.Records.OpenPush<int>(header, new PushOptions { BatchRecords = 1, InFlight = 1 }, (_, _) => ValueTask.CompletedTask);

        var adding = await Assert.ThrowsAsync<ExchangeException>(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await session.AddAsync(Tickets.Ticket(i), i, Cancellation);
            }
        });
        var completing = await Assert.ThrowsAsync<ExchangeException>(() => session.CompleteAsync(Cancellation));

        Assert.Equal(StatusCode.InvalidArgument, adding.Code);
        Assert.Equal(adding.Reason, completing.Reason);
        Assert.Contains(adding.Violations, v => v.Field.Contains("fields", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_over_the_size_of_a_message_is_refused_alone()
    {
        await using var hub = await ClientHub.StartAsync("client_push_large");
        var hotline = await hub.RegisterAsync("hotline");
        var outcomes = new Dictionary<int, (RecordOutcome, string?)>();
        await using var session = hotline.Records.OpenPush<int>(Tickets.Header("p"), new PushOptions(), (items, receipt) =>
        {
            outcomes.Add(items[0].Tag, (receipt.Results[0].Outcome, receipt.Results[0].Errors.FirstOrDefault()?.Reason));
            return ValueTask.CompletedTask;
        });

        await session.AddAsync(Tickets.Ticket(1, new string('x', 4_000_000)), 1, Cancellation);
        await session.AddAsync(Tickets.Ticket(2), 2, Cancellation);
        await session.CompleteAsync(Cancellation);

        Assert.Equal((RecordOutcome.Rejected, "RECORD_TOO_LARGE"), outcomes[1]);
        Assert.Equal((RecordOutcome.Accepted, null), outcomes[2]);
    }

    [Fact]
    public async Task A_push_outlasts_a_disk_that_is_nearly_full_for_a_while_and_one_without_patience_says_why_it_ended()
    {
        var disk = new Disk();
        await using var hub = await ClientHub.StartAsync("client_push_disk", new TestHubSettings { Options = o => o with { DiskSpace = disk } });
        var (id, key) = await hub.RegisterKeyAsync("hotline");
        var hotline = hub.Connect(ClientCredential.PrivateKey(id, key), o => o with { RetryFor = TimeSpan.FromSeconds(5) });
        var hasty = await hub.RegisterAsync("hotline", options: o => o with { RetryFor = TimeSpan.FromMilliseconds(200) });
        var results = new List<(int Number, RecordResult Result)>();
        await using var session = hotline.Records.OpenPush<int>(Tickets.Header("p"), new PushOptions { BatchRecords = 1 }, (items, receipt) =>
        {
            results.Add((items[0].Tag, receipt.Results[0]));
            return ValueTask.CompletedTask;
        });
        await session.AddAsync(Tickets.Ticket(1), 1, Cancellation);
        await session.FlushAsync(Cancellation);

        // The hub looks at the disk twice a second: until then a push by somebody without patience is taken.
        disk.Free = 300L << 20;
        var number = 1000;
        ExchangeException? given = null;
        while (given is null)
        {
            number++;
            given = await Record.ExceptionAsync(() => Tickets.PushAsync(hasty, $"h{number}", [number])) as ExchangeException;
        }

        for (var more = 2; more <= 5; more++)
        {
            await session.AddAsync(Tickets.Ticket(more), more, Cancellation);
        }

        await session.FlushAsync(Cancellation);
        var completing = session.CompleteAsync(Cancellation);
        await UntilAsync(() => hub.Hub.Log.Lines.Any(line => line.Contains($"/Push by hotline/{id}: ResourceExhausted", StringComparison.Ordinal)));
        disk.Free = 1L << 40;
        await completing;

        Assert.Equal((StatusCode.ResourceExhausted, "DISK_NEARLY_FULL"), (given.Code, given.Reason));
        Assert.True(session.Connections > 1);
        Assert.Equal([1, 2, 3, 4, 5], results.Select(r => r.Number).Order());
        Assert.All(results, r => Assert.Equal((RecordOutcome.Accepted, 1L), (r.Result.Outcome, r.Result.Version)));
    }

    [Fact]
    public async Task A_hub_that_stays_away_ends_the_push_as_unavailable()
    {
        await using var hub = await ClientHub.StartAsync("client_push_away");
        var hotline = await hub.RegisterAsync("hotline", options: o => o with { RetryFor = TimeSpan.FromMilliseconds(500) });
        await Tickets.PushAsync(hotline, "p", [1]);
        await hub.Hub.Node.DisposeAsync();

        var away = await Assert.ThrowsAsync<ExchangeException>(() => Tickets.PushAsync(hotline, "q", [2]));

        Assert.Equal(StatusCode.Unavailable, away.Code);
    }

    // Nothing tells when the hub has refused but its log.
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private sealed class Disk : IDiskSpace
    {
        private long _free = 1L << 40;

        public long Free
        {
            set => Volatile.Write(ref _free, value);
        }

        public long? FreeBytes() => Volatile.Read(ref _free);
    }
}
