using Exchange.Server.Identity;
using Grpc.Core;

namespace Exchange.Server.Grpc;

/// <summary>
/// The call as handlers see it. For a stream its <see cref="ServerCallContext.CancellationToken"/> also ends with the caller's right to be here
/// (<see cref="CallerLifetime"/>), so that no handler can forget it.
/// </summary>
internal sealed class HubCallContext(ServerCallContext inner, CallerLifetime? lifetime, TimeProvider time) : ServerCallContext
{
    /// <summary>How long the stream may last; null for a unary call, which its deadline ends.</summary>
    public CallerLifetime? Lifetime { get; } = lifetime;

    /// <summary>True once the call's deadline passed.</summary>
    public bool IsDeadlinePassed => inner.CancellationToken.IsCancellationRequested && inner.Deadline <= time.GetUtcNow().UtcDateTime;

    /// <inheritdoc/>
    protected override string MethodCore => inner.Method;

    /// <inheritdoc/>
    protected override string HostCore => inner.Host;

    /// <inheritdoc/>
    protected override string PeerCore => inner.Peer;

    /// <inheritdoc/>
    protected override DateTime DeadlineCore => inner.Deadline;

    /// <inheritdoc/>
    protected override Metadata RequestHeadersCore => inner.RequestHeaders;

    /// <inheritdoc/>
    protected override CancellationToken CancellationTokenCore => Lifetime?.Token ?? inner.CancellationToken;

    /// <inheritdoc/>
    protected override Metadata ResponseTrailersCore => inner.ResponseTrailers;

    /// <inheritdoc/>
    protected override global::Grpc.Core.Status StatusCore
    {
        get => inner.Status;
        set => inner.Status = value;
    }

    /// <inheritdoc/>
    protected override WriteOptions? WriteOptionsCore
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    /// <inheritdoc/>
    protected override AuthContext AuthContextCore => inner.AuthContext;

    /// <inheritdoc/>
    protected override IDictionary<object, object> UserStateCore => inner.UserState;

    /// <inheritdoc/>
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => inner.WriteResponseHeadersAsync(responseHeaders);

    /// <inheritdoc/>
    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => inner.CreatePropagationToken(options);
}
