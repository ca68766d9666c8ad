using Exchange.Clients.Identity;
using Grpc.Core;
using Grpc.Net.Client;

namespace Exchange.Clients.Hub;

/// <summary>The channel to the hub and the token that goes with each call; what the feature clients share.</summary>
internal sealed class HubConnection : IAsyncDisposable
{
    private readonly GrpcChannel _channel;

    public HubConnection(ExchangeClientOptions options)
    {
        Options = options;
        Tokens = new AccessTokenSource(options);
        _channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions
        {
            HttpHandler = options.HandlerFactory?.Invoke() ?? new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                SslOptions = options.Tls,

                // A hub neither redirects nor sets cookies; to look for them costs each call.
                AllowAutoRedirect = false,
                UseCookies = false,
                KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            },
            DisposeHttpClient = true,
        });
        Invoker = _channel.CreateCallInvoker();
    }

    public ExchangeClientOptions Options { get; }

    public AccessTokenSource Tokens { get; }

    public CallInvoker Invoker { get; }

    /// <summary>Makes a unary call.</summary>
    /// <param name="call">Makes it.</param>
    /// <param name="request">What to send.</param>
    /// <param name="isSafe">True when doing it twice does what doing it once does; only then it is tried again.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> call, TRequest request, bool isSafe, CancellationToken cancellationToken)
    {
        var recovery = new Recovery(this);
        while (true)
        {
            AccessToken? token = null;
            try
            {
                token = await Tokens.TakeAsync(cancellationToken);
                using var running = call(request, Call(token, cancellationToken).WithDeadline(Deadline()));
                return await running.ResponseAsync;
            }
            catch (Exception e) when (e is RpcException or ExchangeException)
            {
                await recovery.RecoverAsync(e, token, isSafe, cancellationToken);
            }
        }
    }

    public static CallOptions Call(AccessToken token, CancellationToken cancellationToken) =>
        new(new Metadata { { "authorization", $"Bearer {token.Text}" } }, cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _channel.ShutdownAsync();
        _channel.Dispose();
        Tokens.Dispose();
    }

    // The channel measures deadlines with the system's clock.
    private DateTime Deadline() => Options.CallTimeout == Timeout.InfiniteTimeSpan ? DateTime.MaxValue : TimeProvider.System.GetUtcNow().UtcDateTime + Options.CallTimeout;
}
