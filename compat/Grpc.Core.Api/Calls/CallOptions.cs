namespace Grpc.Core;

/// <summary>Options of one call. A value: every <c>With…</c> method returns a changed copy and leaves the original as it is.</summary>
public readonly struct CallOptions
{
    /// <summary>Sets the options of a call; everything left out means "none".</summary>
    /// <param name="headers">Headers sent with the call.</param>
    /// <param name="deadline">When the call gives up, in UTC; none means it waits for ever.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="writeOptions">Options of the messages the call writes.</param>
    /// <param name="propagationToken">Ties the call to the server call it is made from.</param>
    /// <param name="credentials">Credentials of this call, beside the channel's.</param>
#pragma warning disable CA1068 // The order of the parameters is gRPC's API.
    public CallOptions(
        Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null, ContextPropagationToken? propagationToken = null, CallCredentials? credentials = null)
#pragma warning restore CA1068
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
        PropagationToken = propagationToken;
        Credentials = credentials;
    }

    /// <summary>Headers sent with the call.</summary>
    public Metadata? Headers { get; private init; }

    /// <summary>When the call gives up, in UTC.</summary>
    public DateTime? Deadline { get; private init; }

    /// <summary>Cancels the call.</summary>
    public CancellationToken CancellationToken { get; private init; }

    /// <summary>Options of the messages the call writes.</summary>
    public WriteOptions? WriteOptions { get; private init; }

    /// <summary>Ties the call to the server call it is made from.</summary>
    public ContextPropagationToken? PropagationToken { get; private init; }

    /// <summary>Credentials of this call, beside the channel's.</summary>
    public CallCredentials? Credentials { get; private init; }

    /// <summary>Whether the call waits for a connection instead of failing while there is none. Default: it fails.</summary>
    public bool IsWaitForReady { get; private init; }

    /// <summary>The same options with these headers.</summary>
    public CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>The same options with this deadline, in UTC.</summary>
    public CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>The same options with this token.</summary>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    /// <summary>The same options with these write options.</summary>
    public CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    /// <summary>The same options with this propagation token.</summary>
    public CallOptions WithPropagationToken(ContextPropagationToken propagationToken) => this with { PropagationToken = propagationToken };

    /// <summary>The same options with these credentials.</summary>
    public CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    /// <summary>The same options, waiting for a connection or not.</summary>
    public CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}
