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
                KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            },
            DisposeHttpClient = true,
            ThrowOperationCanceledOnCancellation = true,
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
        var backoff = new Backoff(Options.RetryFor, Options.Time);
        while (true)
        {
            ExchangeException refused;
            var token = "";
            try
            {
                token = await Tokens.GetAsync(cancellationToken);
                using var running = call(request, Call(token, cancellationToken));
                return await running.ResponseAsync;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                refused = ExchangeException.From(e);
            }
            catch (ExchangeException e) when (e.Code is StatusCode.Unavailable)
            {
                refused = e;
            }

            var expired = TokenExpired(refused, token);
            if (!(expired || ((isSafe || DidNothing(refused)) && IsPassing(refused))) || !await backoff.WaitAsync(refused.RetryDelay, cancellationToken))
            {
                throw refused;
            }
        }
    }

    public static CallOptions Call(string token, CancellationToken cancellationToken) =>
        new(new Metadata { { "authorization", $"Bearer {token}" } }, cancellationToken: cancellationToken);

    /// <summary>True when the token's time was over; a new one will be taken then.</summary>
    public bool TokenExpired(ExchangeException refused, string token)
    {
        if (refused.Code is not StatusCode.Unauthenticated || refused.Reason is not "TOKEN_EXPIRED")
        {
            return false;
        }

        Tokens.Forget(token);
        return true;
    }

    /// <summary>True for what may go well the next time: the hub is away, sheds load, or the connection broke.</summary>
    public static bool IsPassing(ExchangeException refused) =>
        refused.Code is StatusCode.Unavailable
        || (refused.Code is StatusCode.ResourceExhausted && refused.RetryDelay is not null)
        || (refused.Reason is StatusDetails.Transport && refused.Code is StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown);

    public async ValueTask DisposeAsync()
    {
        await _channel.ShutdownAsync();
        _channel.Dispose();
        Tokens.Dispose();
    }

    /// <summary>True when the hub itself says that it decided nothing, so that even what is not safe to repeat may be tried again.</summary>
    private static bool DidNothing(ExchangeException refused) => refused.Reason is "GOVERNANCE_NOT_CONFIRMED";
}
