using Exchange.Clients;
using Exchange.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>The control of the crash tests: a writer that sends like the others and never sends again. It must miss records, or the kills hit nothing.</summary>
internal sealed class CarelessWriter(string name, HubProgram hub, ExchangeClient client)
{
    private const int Records = 2;

    // Enough that whatever moment a kill comes, some are under way.
    private const int InFlight = 8;

    private int cycle;
    private int batches;

    /// <summary>What it sent, each with the kill that came next or was under way.</summary>
    public List<(string Token, int Cycle)> Sent { get; } = [];

    /// <summary>Batches it sent.</summary>
    public int Batches => Volatile.Read(ref batches);

    /// <summary>From now on, what it sends is at the mercy of this kill.</summary>
    public void Enter(int next) => Volatile.Write(ref cycle, next);

    /// <summary>Pushes until told to stop; begins a new push whenever one breaks.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(hub.Grpc);
        for (var push = 1; !stop.IsCancellationRequested; push++)
        {
            try
            {
                await PushAsync(new RecordsService.RecordsServiceClient(channel), push, stop, cancellationToken);
            }
            catch (Exception e) when (e is RpcException or ExchangeException or HttpRequestException or InvalidOperationException or IOException)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private async Task PushAsync(RecordsService.RecordsServiceClient records, int push, CancellationToken stop, CancellationToken cancellationToken)
    {
        var token = await client.Tokens.GetAsync(cancellationToken);
        using var call = records.Push(new Metadata { { "authorization", "Bearer " + token } }, cancellationToken: cancellationToken);
        await call.RequestStream.WriteAsync(
            new PushRequest { Header = new PushHeader { Resource = FaultCity.Resource, SourceSystem = name, PushId = $"careless-{push}", Fields = { FaultCity.Fields } } },
            cancellationToken);
        for (var sequence = 1; !stop.IsCancellationRequested; sequence++)
        {
            var batch = new PushedBatch { Sequence = sequence };
            var tokens = new List<string>();
            for (var index = 0; index < Records; index++)
            {
                var operation = new PushedOperation($"{name}-{push}-{sequence}-{index}", $"careless/{push}/{sequence}/{index}", 1);
                batch.Records.Add(operation.Record);
                tokens.Add(operation.Token);
            }

            // Only what the channel took counts: a kill must have hit it under way.
            var mercy = Volatile.Read(ref cycle);
            await call.RequestStream.WriteAsync(new PushRequest { Batch = batch }, cancellationToken);
            Sent.AddRange(tokens.Select(token => (token, mercy)));
            Interlocked.Increment(ref batches);
            if (sequence > InFlight && !await call.ResponseStream.MoveNext(cancellationToken))
            {
                return;
            }

            await Task.Delay(2, cancellationToken);
        }
    }
}
