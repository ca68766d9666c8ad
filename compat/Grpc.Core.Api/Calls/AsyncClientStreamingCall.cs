using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>Many requests, one response, in flight. Awaiting it gives the response or throws <see cref="RpcException"/>.</summary>
/// <typeparam name="TRequest">Type of the request messages.</typeparam>
/// <typeparam name="TResponse">Type of the response message.</typeparam>
public sealed class AsyncClientStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallLifetime lifetime;

    /// <summary>Wraps a started call; the delegates answer for its outcome and end it.</summary>
    public AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream, Task<TResponse> responseAsync, Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction)
    {
        RequestStream = requestStream;
        ResponseAsync = responseAsync;
        lifetime = new CallLifetime(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>Wraps a started call; <paramref name="state"/> is handed to each delegate, so that they need no closure.</summary>
    public AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream, Task<TResponse> responseAsync, Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state)
    {
        RequestStream = requestStream;
        ResponseAsync = responseAsync;
        lifetime = new CallLifetime(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    /// <summary>The response; faults with <see cref="RpcException"/> when the call does.</summary>
    public Task<TResponse> ResponseAsync { get; }

    /// <summary>Headers the server sent before its response.</summary>
    public Task<Metadata> ResponseHeadersAsync => lifetime.ResponseHeadersAsync;

    /// <summary>Where the requests are written; complete it, or the server waits for more.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>Makes the call itself awaitable, as <see cref="ResponseAsync"/> is.</summary>
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    /// <summary>Chooses whether the code after the await goes back to the captured context.</summary>
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) => ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>How the call ended; <see cref="InvalidOperationException"/> while it has not.</summary>
    public Status GetStatus() => lifetime.GetStatus();

    /// <summary>Metadata sent after the response; <see cref="InvalidOperationException"/> while the call has not ended.</summary>
    public Metadata GetTrailers() => lifetime.GetTrailers();

    /// <summary>Frees the call; one still in flight is cancelled.</summary>
    public void Dispose() => lifetime.Dispose();
}
