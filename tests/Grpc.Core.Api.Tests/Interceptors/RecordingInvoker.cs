namespace Grpc.Core.Api.Tests.Interceptors;

/// <summary>Stands for a channel: remembers each call that reaches it and answers with fixed results.</summary>
internal sealed class RecordingInvoker : CallInvoker
{
    internal static readonly Method<string, string> Method =
        new(MethodType.Unary, "tests.Service", "Call", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    /// <summary>Kind, method, host, options and request of each call, in order.</summary>
    internal List<(string Kind, string Method, string? Host, CallOptions Options, string? Request)> Calls { get; } = [];

    internal (string Kind, string Method, string? Host, CallOptions Options, string? Request) Last => Calls[^1];

    /// <summary>Makes one call of each kind with the same options.</summary>
    internal static void CallEach(CallInvoker invoker, CallOptions options = default, string? host = null)
    {
        invoker.BlockingUnaryCall(Method, host, options, "request");
        invoker.AsyncUnaryCall(Method, host, options, "request").Dispose();
        invoker.AsyncServerStreamingCall(Method, host, options, "request").Dispose();
        invoker.AsyncClientStreamingCall(Method, host, options).Dispose();
        invoker.AsyncDuplexStreamingCall(Method, host, options).Dispose();
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        Calls.Add(("blocking", method.FullName, host, options, request as string));
        return (TResponse)(object)"response";
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        Calls.Add(("unary", method.FullName, host, options, request as string));
        return new(Task.FromResult((TResponse)(object)"response"), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        Calls.Add(("server streaming", method.FullName, host, options, request as string));
        return new(new NoMessages<TResponse>(), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Calls.Add(("client streaming", method.FullName, host, options, null));
        return new(
            new NoWriter<TRequest>(), Task.FromResult((TResponse)(object)"response"), Task.FromResult(new Metadata()),
            () => Status.DefaultSuccess, () => [], () => { });
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Calls.Add(("duplex", method.FullName, host, options, null));
        return new(
            new NoWriter<TRequest>(), new NoMessages<TResponse>(), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    private sealed class NoMessages<T> : IAsyncStreamReader<T>
    {
        public T Current => throw new InvalidOperationException("no message was read");

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(false);
    }

    private sealed class NoWriter<T> : IClientStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
