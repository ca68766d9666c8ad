using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Limits;
using Exchange.Bench.Reporting;
using Exchange.Clients;
using Exchange.Protos.V1;

namespace Exchange.Bench.Records;

/// <summary>
/// One new record per unary call, 64 callers who each wait for their receipt. The limits are one commit per call with plain Npgsql, over 64 connections
/// and over one. A third row tells what share of the rate of empty calls that is, which no unary push can surpass; a fourth, what a service reaches against one
/// connection that does nothing for its callers but store their rows in common commits: how far the goal is within reach on this machine and its disk.
/// </summary>
internal static class UnaryBench
{
    private const int Callers = 64;
    private const double ManyGoal = 0.5;
    private const double OneGoal = 5;
    private const double EmptyGoal = 0.5;
    private const int WarmUps = 2;

    // One connection is much slower: it does a share of the calls.
    private const int OneShare = 8;

    private static readonly BenchResource Resource = new("called");

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var hub = await stage.HubAsync(cancellationToken);
        await hub.PublishAsync(Resource, cancellationToken);
        var pusher = await hub.City.DepartmentAsync(HubStage.Filler, cancellationToken);
        var each = stage.Size(300, 20);
        var calls = Callers * each;
        await using var limit = new CommitLimit(hub.ConnectionString, Resource.Table, [Callers, 1]);
        await limit.PrepareAsync(cancellationToken);
        using var empty = new EmptyCalls(hub.Process.GrpcAddress);
        var service = new PlainService(empty, limit);
        var (many, one, none, plain) = (new List<BenchRound>(), new List<BenchRound>(), new List<BenchRound>(), new List<BenchRound>());
        for (var round = 1 - WarmUps; round <= stage.Rounds; round++)
        {
            await hub.Plain.CheckpointAsync(cancellationToken);
            var (since, processor) = (DateTimeOffset.UtcNow, new ProcessorTime(hub.Process));
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(pusher, round, caller, each, cancellationToken), cancellationToken)));
            var rate = calls / watch.Elapsed.TotalSeconds;
            var told = processor.Tell(calls, "call");
            await limit.TakeAsync(since, calls, cancellationToken);
            var overMany = await limit.RunAsync(Callers, calls, cancellationToken);
            var overOne = await limit.RunAsync(1, calls / OneShare, cancellationToken);
            var emptyProcessor = new ProcessorTime(hub.Process);
            var emptyRate = calls / await empty.RunAsync(Callers, calls, cancellationToken);
            var emptyTold = emptyProcessor.Tell(calls, "empty call");
            var plainProcessor = new ProcessorTime(hub.Process);
            var plainRate = calls / await service.RunAsync(Callers, calls, cancellationToken);
            var plainTold = plainProcessor.Tell(calls, "plain call");
            if (round > 0)
            {
                many.Add(new BenchRound(rate, overMany));
                stage.Tell("push-unary/64", round, many[^1], told);
                one.Add(new BenchRound(rate, overOne));
                stage.Tell("push-unary/1", round, one[^1]);
                none.Add(new BenchRound(rate, emptyRate));
                stage.Tell("push-unary/empty", round, none[^1], emptyTold);
                plain.Add(new BenchRound(plainRate, overOne));
                stage.Tell("push-unary/plain", round, plain[^1], plainTold);
            }
        }

        return
        [
            BenchResult.Of("push-unary/64", "calls/s", ManyGoal, many),
            BenchResult.Of("push-unary/1", "calls/s", OneGoal, one) with { IsShare = false },
            BenchResult.Of("push-unary/empty", "calls/s", EmptyGoal, none) with { Informs = true },
            BenchResult.Of("push-unary/plain", "calls/s", OneGoal, plain) with { Informs = true, IsShare = false },
        ];
    }

    private static async Task CallAsync(ExchangeClient pusher, int round, int caller, int each, CancellationToken cancellationToken)
    {
        var header = Resource.Header(HubStage.Filler, $"unary-{round}-{caller}");
        for (var call = 0; call < each; call++)
        {
            var batch = new PushedBatch { Sequence = call + 1, Records = { MadeRecords.Record($"unary-{round}", (caller * each) + call) } };
            var receipt = await pusher.Records.PushBatchAsync(header, batch, cancellationToken);
            if (receipt.Results.Single().Outcome is not RecordOutcome.Accepted)
            {
                throw new InvalidOperationException("a record was not accepted");
            }
        }
    }
}
