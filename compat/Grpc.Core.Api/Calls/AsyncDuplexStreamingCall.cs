namespace Grpc.Core;

/// <summary>Many requests, many responses, in flight; both directions are independent of each other.</summary>
/// <typeparam name="TRequest">Type of the request messages.</typeparam>
/// <typeparam name="TResponse">Type of the response messages.</typeparam>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallLifetime lifetime;

    /// <summary>Wraps a started call; the delegates answer for its outcome and end it.</summary>
    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream, IAsyncStreamReader<TResponse> responseStream, Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        lifetime = new CallLifetime(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>Wraps a started call; <paramref name="state"/> is handed to each delegate, so that they need no closure.</summary>
    public AsyncDuplexStreamingCall(
        IClientStreamWriter<TRequest> requestStream, IAsyncStreamReader<TResponse> responseStream, Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state)
    {
        RequestStream = requestStream;
        ResponseStream = responseStream;
        lifetime = new CallLifetime(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    /// <summary>Where the responses are read.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>Where the requests are written; complete it, or the server waits for more.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>Headers the server sent before its first response.</summary>
    public Task<Metadata> ResponseHeadersAsync => lifetime.ResponseHeadersAsync;

    /// <summary>How the call ended; <see cref="InvalidOperationException"/> while it has not.</summary>
    public Status GetStatus() => lifetime.GetStatus();

    /// <summary>Metadata sent after the last response; <see cref="InvalidOperationException"/> while the call has not ended.</summary>
    public Metadata GetTrailers() => lifetime.GetTrailers();

    /// <summary>Frees the call; one still in flight is cancelled, so a reader that stops early must call it.</summary>
    public void Dispose() => lifetime.Dispose();
}
