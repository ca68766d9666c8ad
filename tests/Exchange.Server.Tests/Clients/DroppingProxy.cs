using Exchange.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Exchange.Server.Tests.Clients;

/// <summary>A gRPC proxy in front of the hub's feed that passes everything on but one batch with changes.</summary>
internal sealed class DroppingProxy : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Forwarder _forwarder;

    private DroppingProxy(WebApplication application, Forwarder forwarder) => (_application, _forwarder) = (application, forwarder);

    /// <summary>Completes when the batch was left out.</summary>
    public Task Dropped => _forwarder.Dropped.Task;

    /// <summary>From now on leaves out the next batch with changes.</summary>
    public void DropNext() => _forwarder.DropNext();

    public Uri Address => new(_application.Urls.First());

    /// <summary>Starts a proxy that leaves out the batch of this number (from 1) among those with changes; 0 leaves out none.</summary>
    public static async Task<DroppingProxy> StartAsync(Uri hub, int batch)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var forwarder = new Forwarder(GrpcChannel.ForAddress(hub), batch);
        builder.Services.AddSingleton(forwarder);
        var application = builder.Build();
        application.MapGrpcService<Forwarder>();
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new DroppingProxy(application, forwarder);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private sealed class Forwarder(GrpcChannel hub, int dropped) : FeedService.FeedServiceBase
    {
        private int _batches;
        private int _dropped = dropped;

        public void DropNext() => Volatile.Write(ref _dropped, Volatile.Read(ref _batches) + 1);

        public TaskCompletionSource Dropped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task Follow(FollowRequest request, IServerStreamWriter<FollowResponse> responseStream, ServerCallContext context)
        {
            var headers = new Metadata { { "authorization", context.RequestHeaders.GetValue("authorization") ?? "" } };
            using var call = new FeedService.FeedServiceClient(hub).Follow(request, headers, cancellationToken: context.CancellationToken);
            await foreach (var message in call.ResponseStream.ReadAllAsync(context.CancellationToken))
            {
                if (message.Batch is not { Changes.Count: > 0 } || Interlocked.Increment(ref _batches) != Volatile.Read(ref _dropped))
                {
                    await responseStream.WriteAsync(message, context.CancellationToken);
                }
                else
                {
                    Dropped.TrySetResult();
                }
            }
        }
    }
}
