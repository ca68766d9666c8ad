using System.IO.Compression;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grpc.Core.Api.Tests.EndToEnd;

/// <summary>The echo service on Grpc.AspNetCore.Server, plain HTTP/2 on a free loopback port.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    private WebApplication? application;

    internal List<string> Intercepted { get; } = [];

    internal CallEndings Endings { get; } = new();

    internal string Address => application!.Urls.Single();

    internal GrpcChannel Connect(GrpcChannelOptions? options = null) => GrpcChannel.ForAddress(Address, options ?? new GrpcChannelOptions());

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting().AddLogging(logging => logging.ClearProviders());
        builder.Services.AddSingleton(new Recorder(Intercepted));
        builder.Services.AddSingleton(Endings);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<Recorder>();
            grpc.ResponseCompressionAlgorithm = "gzip";
            grpc.ResponseCompressionLevel = CompressionLevel.Fastest;
        });
        application = builder.Build();
        application.MapGrpcService<EchoService>();
        await application.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (application is not null)
        {
            await application.StopAsync();
            await application.DisposeAsync();
        }
    }

    internal sealed class Recorder(List<string> methods) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            lock (methods)
            {
                methods.Add(context.Method);
            }

            return base.UnaryServerHandler(request, context, continuation);
        }
    }
}
