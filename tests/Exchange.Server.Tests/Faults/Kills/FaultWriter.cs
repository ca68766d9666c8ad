using System.Diagnostics;
using Exchange.Clients;
using Exchange.Clients.Records;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>
/// A department's machine that pushes without pause, new records and changes of its own earlier ones, and writes down what it was told. Every
/// other writer pushes by the unary form.
/// </summary>
internal sealed class FaultWriter(string name, ExchangeClient client, int seed, bool isUnary)
{
    private const int MostRecords = 12;

    private readonly Random random = new(seed);
    private readonly Lock gate = new();
    private readonly List<PushedOperation> operations = [];
    private readonly List<(PushedBatch Batch, PushReceipt Receipt)> receipts = [];
    private int records;
    private int acknowledged;

    /// <summary>The writer's department, source system and push.</summary>
    public string Name => name;

    /// <summary>Operations with a receipt.</summary>
    public int Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>How often its stream was opened; 0 for the unary form.</summary>
    public int Connections { get; private set; }

    /// <summary>All operations it began.</summary>
    public IReadOnlyList<PushedOperation> Operations
    {
        get
        {
            lock (gate)
            {
                return [.. operations];
            }
        }
    }

    /// <summary>Every batch with the receipt it got.</summary>
    public IReadOnlyList<(PushedBatch Batch, PushReceipt Receipt)> Receipts => receipts;

    /// <summary>The header of all its batches.</summary>
    public PushHeader Header => new() { Resource = FaultCity.Resource, SourceSystem = name, PushId = name + "-push", Fields = { FaultCity.Fields } };

    /// <summary>Pushes until told to stop; then returns when every record has its receipt.</summary>
    public Task RunAsync(CancellationToken stop, CancellationToken cancellationToken) => isUnary ? PushUnaryAsync(stop, cancellationToken) : PushStreamAsync(stop, cancellationToken);

    private async Task PushStreamAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        var sequence = 0;
        await using var session = client.Records.OpenPush<PushedOperation>(Header, new PushOptions { BatchRecords = MostRecords, InFlight = 6 }, (items, receipt) =>
        {
            Keep([.. items.Select(item => item.Tag)], new PushedBatch { Sequence = receipt.Sequence, Records = { items.Select(item => item.Record) } }, receipt);
            return ValueTask.CompletedTask;
        });
        while (!stop.IsCancellationRequested)
        {
            sequence++;
            foreach (var operation in NextBatch(sequence))
            {
                await session.AddAsync(operation.Record, operation, cancellationToken);
            }

            await session.FlushAsync(cancellationToken);
            await ThinkAsync(cancellationToken);
        }

        await session.CompleteAsync(cancellationToken);
        Connections = session.Connections;
    }

    private async Task PushUnaryAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        for (var sequence = 1; !stop.IsCancellationRequested; sequence++)
        {
            var next = NextBatch(sequence);
            var batch = new PushedBatch { Sequence = sequence, Records = { next.Select(operation => operation.Record) } };
            Keep(next, batch, await client.Records.PushBatchAsync(Header, batch, cancellationToken));
            await ThinkAsync(cancellationToken);
        }
    }

    // Leaves the machine's other tests some room; what is under way is what counts.
    private Task ThinkAsync(CancellationToken cancellationToken) => Task.Delay(random.Next(12), cancellationToken);

    private List<PushedOperation> NextBatch(int sequence)
    {
        var next = new List<PushedOperation>();
        for (var count = random.Next(1, MostRecords); count > 0; count--)
        {
            var number = records > 0 && random.Next(10) < 3 ? random.Next(records) : records++;
            next.Add(new PushedOperation($"{name}-{number}", $"{name}/{sequence}/{count}", operations.Count + next.Count + 1));
        }

        lock (gate)
        {
            operations.AddRange(next);
        }

        return next;
    }

    private void Keep(List<PushedOperation> pushed, PushedBatch batch, PushReceipt receipt)
    {
        var now = Stopwatch.GetTimestamp();
        for (var index = 0; index < pushed.Count; index++)
        {
            pushed[index].Acknowledge(receipt.Results[index], now);
        }

        receipts.Add((batch, receipt));
        Interlocked.Add(ref acknowledged, pushed.Count);
    }
}
