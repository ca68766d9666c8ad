namespace Grpc.Core;

/// <summary>The call that a handler on the server is serving.</summary>
public abstract class ServerCallContext
{
    private Dictionary<object, object>? userState;

    /// <summary>For deriving types.</summary>
    protected ServerCallContext()
    {
    }

    /// <summary>Path of the method called: <c>/service/method</c>.</summary>
    public string Method => MethodCore;

    /// <summary>Host that the client named.</summary>
    public string Host => HostCore;

    /// <summary>Address of the client, e.g. <c>ipv4:127.0.0.1:50051</c>.</summary>
    public string Peer => PeerCore;

    /// <summary>When the client gives up, in UTC; <see cref="DateTime.MaxValue"/> when it does not.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>Headers that the client sent.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Ends when the client cancels, goes away or its deadline passes.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>Metadata to send after the last response.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>Outcome to report when the handler returns; OK unless set.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>Options of the responses written from now on.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>What the transport proved about the client.</summary>
    public AuthContext AuthContext => AuthContextCore;

    /// <summary>What interceptors and the handler leave here for each other during this call.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>Backs <see cref="Method"/>.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>Backs <see cref="Host"/>.</summary>
    protected abstract string HostCore { get; }

    /// <summary>Backs <see cref="Peer"/>.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>Backs <see cref="Deadline"/>.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>Backs <see cref="RequestHeaders"/>.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>Backs <see cref="CancellationToken"/>.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>Backs <see cref="ResponseTrailers"/>.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>Backs <see cref="Status"/>.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>Backs <see cref="WriteOptions"/>.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>Backs <see cref="AuthContext"/>.</summary>
    protected abstract AuthContext AuthContextCore { get; }

    /// <summary>Backs <see cref="UserState"/>; a dictionary of this call unless overridden.</summary>
    protected virtual IDictionary<object, object> UserStateCore => userState ??= [];

    /// <summary>Sends the response headers now, before the first response. Once per call.</summary>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    /// <summary>Makes the token that ties calls made by the handler to this call.</summary>
    public ContextPropagationToken CreatePropagationToken(ContextPropagationOptions? options = null) => CreatePropagationTokenCore(options);

    /// <summary>Backs <see cref="WriteResponseHeadersAsync"/>.</summary>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);

    /// <summary>Backs <see cref="CreatePropagationToken"/>.</summary>
    protected abstract ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options);
}
