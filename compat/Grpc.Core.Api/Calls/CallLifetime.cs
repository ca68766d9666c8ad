namespace Grpc.Core;

/// <summary>What every kind of call shares: its headers, its outcome and its end, read through the delegates of the channel that made it.</summary>
internal readonly struct CallLifetime
{
    private readonly object? state;
    private readonly Func<object?, Task<Metadata>> responseHeaders;
    private readonly Func<object?, Status> status;
    private readonly Func<object?, Metadata> trailers;
    private readonly Action<object?> dispose;

    internal CallLifetime(Task<Metadata> responseHeaders, Func<Status> status, Func<Metadata> trailers, Action dispose)
    {
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(trailers);
        ArgumentNullException.ThrowIfNull(dispose);
        state = null;
        this.responseHeaders = _ => responseHeaders;
        this.status = _ => status();
        this.trailers = _ => trailers();
        this.dispose = _ => dispose();
    }

    internal CallLifetime(
        Func<object, Task<Metadata>> responseHeaders, Func<object, Status> status, Func<object, Metadata> trailers, Action<object> dispose, object state)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(trailers);
        ArgumentNullException.ThrowIfNull(dispose);
        this.state = state;
        // The caller's own state comes back to it unchanged, so these delegates never see a null the caller did not pass.
        this.responseHeaders = responseHeaders!;
        this.status = status!;
        this.trailers = trailers!;
        this.dispose = dispose!;
    }

    internal Task<Metadata> ResponseHeadersAsync => responseHeaders(state);

    internal Status GetStatus() => status(state);

    internal Metadata GetTrailers() => trailers(state);

    internal void Dispose() => dispose(state);
}
