using System.Diagnostics.CodeAnalysis;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Identity;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Exchange.Server.Grpc;

/// <summary>
/// Around every handler: gives streams the caller's lifetime, sees to it that answers are taken, and turns whatever a handler throws into a status. The only
/// place that catches everything.
/// </summary>
[SuppressMessage("Design", "CA1031", Justification = "the edge is where unknown faults become INTERNAL; nothing else catches everything")]
internal sealed class EdgeInterceptor(CallerLifetimes lifetimes, HubConnections connections, TimeProvider time, ILogger<EdgeInterceptor> logger) : Interceptor
{
    /// <summary>Request item that says a handler was reached.</summary>
    public static readonly object Reached = new();

    // Where ServerCallContextExtensions.GetHttpContext looks when the context is not gRPC's own.
    private const string HttpContextKey = "__HttpContext";

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Reach(context);
        var call = new HubCallContext(context, null, time);
        try
        {
            var response = await continuation(request, call);
            ExpectTaken(context, response);
            return response;
        }
        catch (Exception e)
        {
            throw FaultMapping.ToStatus(e, call, logger);
        }
    }

    /// <inheritdoc/>
    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        TResponse? response = null;
        await StreamAsync(context, async call => response = await continuation(new HubStreamReader<TRequest>(requestStream, call.CancellationToken), call));
        ExpectTaken(context, response);
        return response!;
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        StreamAsync(context, call => continuation(request, new HubStreamWriter<TResponse>(responseStream), call));

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        StreamAsync(context, call => continuation(
            new HubStreamReader<TRequest>(requestStream, call.CancellationToken), new HubStreamWriter<TResponse>(responseStream), call));

    private async Task StreamAsync(ServerCallContext context, Func<HubCallContext, Task> handle)
    {
        Reach(context);
        await using var lifetime = lifetimes.Begin(context);
        var call = new HubCallContext(context, lifetime, time);
        try
        {
            await handle(call);
        }
        catch (Exception e)
        {
            throw FaultMapping.ToStatus(e, call, logger);
        }

        // A handler that took its cancelled token for the end of the stream must not report success.
        if (lifetime.End is { } end)
        {
            throw end.ToException();
        }
    }

    private void ExpectTaken(ServerCallContext context, object? response)
    {
        var http = context.GetHttpContext();
        http.Response.RegisterForDispose(new UntakenAnswer(http.Features.Get<HubConnection>(), response as IMessage, () => connections.GiveUp(http)));
    }

    private static void Reach(ServerCallContext context)
    {
        context.UserState[Reached] = Reached;
        context.UserState[HttpContextKey] = context.GetHttpContext();
    }
}
