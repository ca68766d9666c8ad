using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Exchange.Clients;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Faults.Kills;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;

namespace Exchange.Server.Tests.Faults.Overload;

/// <summary>Unary pushes of new records, at their own pace or at one that does not care what the hub can do; keeps what became of each.</summary>
internal sealed class OpenLoop : IDisposable
{
    /// <summary>Records of one call.</summary>
    public const int Records = 100;

    private const int Connections = 8;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    // As long as a title and a note may be: it is bytes that fill memory.
    private static readonly string Filling = new('诉', 160);

    private readonly List<GrpcChannel> channels;
    private readonly List<RecordsService.RecordsServiceClient> services;
    private readonly string department;
    private readonly string token;
    private readonly ConcurrentQueue<Outcome> outcomes = new();
    private int calls;

    private OpenLoop(HubProgram hub, string department, string token)
    {
        (this.department, this.token) = (department, token);
        channels = [.. Enumerable.Range(0, Connections).Select(_ => GrpcChannel.ForAddress(hub.Grpc))];
        services = channels.ConvertAll(channel => new RecordsService.RecordsServiceClient(channel));
    }

    /// <summary>What became of every call so far, in the order of their answers.</summary>
    public IReadOnlyCollection<Outcome> Outcomes => outcomes;

    /// <summary>Opens the connections of a department's machine.</summary>
    public static async Task<OpenLoop> StartAsync(HubProgram hub, string department, ExchangeClient client) =>
        new(hub, department, await client.Tokens.GetAsync(CancellationToken.None));

    /// <summary>Calls of so many callers that each wait for their answer; returns how many a second came through.</summary>
    public async Task<double> CallInTurnAsync(int callers, TimeSpan time)
    {
        var (began, before) = (Stopwatch.GetTimestamp(), outcomes.Count);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                await CallAsync();
            }
        }));
        return (outcomes.Count - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>So many calls a second whatever becomes of them; returns when all are answered.</summary>
    public async Task CallAtRateAsync(double perSecond, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var underWay = new List<Task>();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < time)
        {
            for (var due = (int)(elapsed.TotalSeconds * perSecond); underWay.Count < due;)
            {
                underWay.Add(CallAsync());
            }

            await beat.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(underWay);
    }

    /// <summary>One call.</summary>
    public async Task<Outcome> CallAsync()
    {
        var call = Interlocked.Increment(ref calls);
        var request = new PushBatchRequest
        {
            Header = new PushHeader
            {
                Resource = FaultCity.Resource, SourceSystem = department, PushId = string.Create(CultureInfo.InvariantCulture, $"{department}-{call}"), Fields = { FaultCity.Fields },
            },
            Batch = new PushedBatch { Sequence = 1 },
        };
        for (var record = 0; record < Records; record++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{department}-{call}-{record}");
            request.Batch.Records.Add(new PushedRecord { SourceId = id, Values = { new Value { Text = id + Filling }, new Value { Text = Filling } } });
        }

        var began = Stopwatch.GetTimestamp();
        Outcome outcome;
        try
        {
            var receipt = await services[call % Connections].PushBatchAsync(request, new Metadata { { "authorization", $"Bearer {token}" } }, DateTime.UtcNow + Deadline);
            var isStored = receipt.Results.Count is Records && receipt.Results.All(result => result.Outcome is RecordOutcome.Accepted);
            outcome = new Outcome(call, isStored ? StatusCode.OK : StatusCode.DataLoss, null, Stopwatch.GetElapsedTime(began));
        }
        catch (RpcException e)
        {
            // A reset of HTTP/2 has no details: such a call was not told when to come again.
            var retry = e.StatusCode is StatusCode.ResourceExhausted && e.Trailers.Get("grpc-status-details-bin") is not null ? e.Detail<RetryInfo>() : null;
            outcome = new Outcome(call, e.StatusCode, retry?.RetryDelay?.ToTimeSpan(), Stopwatch.GetElapsedTime(began));
        }

        outcomes.Enqueue(outcome);
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose() => channels.ForEach(channel => channel.Dispose());

    /// <summary>What became of a call.</summary>
    /// <param name="Call">Its number, which stands in the ids of its records.</param>
    /// <param name="Status">OK only when every record was accepted.</param>
    /// <param name="RetryDelay">When to come again, where the hub said so.</param>
    /// <param name="Took">Until the answer.</param>
    public readonly record struct Outcome(int Call, StatusCode Status, TimeSpan? RetryDelay, TimeSpan Took);
}
