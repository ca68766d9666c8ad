namespace Grpc.Core.Api.Tests.Server;

/// <summary>A server call with fixed answers, that remembers what was asked of it.</summary>
internal sealed class FixedContext : ServerCallContext
{
    internal static readonly DateTime FixedDeadline = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    internal CancellationTokenSource Cancellation { get; } = new();

    internal Metadata FixedRequestHeaders { get; } = [];

    internal Metadata FixedTrailers { get; } = [];

    internal AuthContext FixedAuthContext { get; } = new(null, []);

    internal Metadata? WrittenHeaders { get; private set; }

    internal ContextPropagationOptions? AskedToPropagate { get; private set; }

    protected override string MethodCore => "/tests.Service/Call";

    protected override string HostCore => "hub.example";

    protected override string PeerCore => "ipv4:192.0.2.1:5000";

    protected override DateTime DeadlineCore => FixedDeadline;

    protected override Metadata RequestHeadersCore => FixedRequestHeaders;

    protected override CancellationToken CancellationTokenCore => Cancellation.Token;

    protected override Metadata ResponseTrailersCore => FixedTrailers;

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => FixedAuthContext;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        WrittenHeaders = responseHeaders;
        return Task.CompletedTask;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options)
    {
        AskedToPropagate = options;
        throw new NotSupportedException("no token here");
    }
}
