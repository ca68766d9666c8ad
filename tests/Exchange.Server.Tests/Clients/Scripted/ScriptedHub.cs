using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Record = Exchange.Protos.V1.Record;
using Status = Grpc.Core.Status;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>A hub that answers what the test tells it to: for what a real hub does only at the wrong moment.</summary>
internal sealed class ScriptedHub : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly List<ExchangeClient> _clients = [];
    private int _tokens;

    private ScriptedHub(WebApplication application) => _application = application;

    public Func<IAsyncStreamReader<PushRequest>, IServerStreamWriter<PushResponse>, ServerCallContext, Task> Push { get; set; } = (_, _, _) => throw new NotSupportedException();

    public Func<PullRequest, IServerStreamWriter<PullResponse>, ServerCallContext, Task> Pull { get; set; } = (_, _, _) => throw new NotSupportedException();

    public Func<FollowRequest, IServerStreamWriter<FollowResponse>, ServerCallContext, Task> Follow { get; set; } = (_, _, _) => throw new NotSupportedException();

    public Func<GetRecordRequest, ServerCallContext, Task<Record>> Get { get; set; } = (_, _) => throw new NotSupportedException();

    /// <summary>Lifetime of the tokens it gives out, in seconds.</summary>
    public int TokenLifetime { get; set; } = 300;

    /// <summary>Tokens given out: `token-1`, `token-2` and so on.</summary>
    public int Tokens => Volatile.Read(ref _tokens);

    public Uri Grpc => new(_application.Urls.First());

    public Uri TokenEndpoint => new(new Uri(_application.Urls.Last()), "/connect/token");

    public static async Task<ScriptedHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(System.Net.IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
            k.Listen(System.Net.IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc();
        ScriptedHub? hub = null;
        builder.Services.AddSingleton(_ => hub!);
        var application = builder.Build();
        hub = new ScriptedHub(application);
        application.MapGrpcService<RecordsScript>();
        application.MapGrpcService<FeedScript>();
        application.MapPost("/connect/token", context => context.Response.WriteAsJsonAsync(
            new { access_token = $"token-{Interlocked.Increment(ref hub._tokens)}", expires_in = hub.TokenLifetime }, TestContext.Current.CancellationToken));
        application.MapGet("/.well-known/oauth-authorization-server", context => context.Response.WriteAsJsonAsync(new { issuer = "https://scripted.example" }, TestContext.Current.CancellationToken));
        await application.StartAsync(TestContext.Current.CancellationToken);
        return hub;
    }

    /// <summary>A status as a hub words it.</summary>
    public static RpcException Refusal(StatusCode code, string reason, TimeSpan? retry = null)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = reason, Details = { Any.Pack(new ErrorInfo { Domain = "dataexchange", Reason = reason }) } };
        if (retry is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = delay.ToDuration() }));
        }

        return new RpcException(new Status(code, reason), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }

    /// <summary>The token that a call came with.</summary>
    public static string TokenOf(ServerCallContext context) => context.RequestHeaders.GetValue("authorization")!["Bearer ".Length..];

    /// <summary>A receipt that accepts every record of a batch.</summary>
    public static PushResponse Accept(PushedBatch batch) => new()
    {
        Receipt = new PushReceipt { Sequence = batch.Sequence, Results = { batch.Records.Select(_ => new RecordResult { Outcome = RecordOutcome.Accepted, Version = 1 }) } },
    };

    /// <summary>Accepts every batch until the client completes its side.</summary>
    public static async Task AcceptAllAsync(IAsyncStreamReader<PushRequest> requests, IServerStreamWriter<PushResponse> responses, ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            if (request.Batch is { } batch)
            {
                await responses.WriteAsync(Accept(batch), context.CancellationToken);
            }
        }
    }

    public ExchangeClient Connect(Func<ExchangeClientOptions, ExchangeClientOptions>? change = null)
    {
        var options = new ExchangeClientOptions
        {
            Address = Grpc,
            TokenEndpoint = TokenEndpoint,
            Credential = ClientCredential.Secret("centre-system", "a secret"),
        };
        var client = new ExchangeClient(change is null ? options : change(options));
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private sealed class RecordsScript(ScriptedHub hub) : RecordsService.RecordsServiceBase
    {
        public override Task Push(IAsyncStreamReader<PushRequest> requestStream, IServerStreamWriter<PushResponse> responseStream, ServerCallContext context) =>
            hub.Push(requestStream, responseStream, context);

        public override Task Pull(PullRequest request, IServerStreamWriter<PullResponse> responseStream, ServerCallContext context) => hub.Pull(request, responseStream, context);

        public override Task<Record> GetRecord(GetRecordRequest request, ServerCallContext context) => hub.Get(request, context);
    }

    private sealed class FeedScript(ScriptedHub hub) : FeedService.FeedServiceBase
    {
        public override Task Follow(FollowRequest request, IServerStreamWriter<FollowResponse> responseStream, ServerCallContext context) =>
            hub.Follow(request, responseStream, context);
    }
}
