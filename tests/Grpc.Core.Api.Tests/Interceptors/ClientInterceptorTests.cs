using Grpc.Core.Interceptors;

namespace Grpc.Core.Api.Tests.Interceptors;

public sealed class ClientInterceptorTests
{
    private static readonly string[] EachKind = ["blocking", "unary", "server streaming", "client streaming", "duplex"];

    private readonly RecordingInvoker channel = new();
    private readonly List<string> trace = [];

    [Fact]
    public void Several_interceptors_see_a_call_in_the_order_given()
    {
        var invoker = channel.Intercept(new Tracer("a", trace), new Tracer("b", trace), new Tracer("c", trace));

        invoker.BlockingUnaryCall(RecordingInvoker.Method, null, default, "request");

        Assert.Equal(["a in", "b in", "c in", "c out", "b out", "a out"], trace);
    }

    [Fact]
    public void Of_interceptors_added_one_by_one_the_last_sees_a_call_first()
    {
        var invoker = channel.Intercept(new Tracer("a", trace)).Intercept(new Tracer("b", trace));

        invoker.AsyncUnaryCall(RecordingInvoker.Method, null, default, "request").Dispose();

        Assert.Equal(["b", "a"], trace);
    }

    [Fact]
    public void Every_kind_of_call_passes_each_interceptor_once_and_arrives_unchanged()
    {
        var options = new CallOptions(new Metadata(), DateTime.UtcNow).WithWaitForReady();

        RecordingInvoker.CallEach(channel.Intercept(new Tracer("a", trace), new Tracer("b", trace)), options, "host");

        Assert.Equal(EachKind, channel.Calls.Select(call => call.Kind));
        Assert.All(channel.Calls, call =>
        {
            Assert.Equal("/tests.Service/Call", call.Method);
            Assert.Equal("host", call.Host);
            Assert.Equal(options, call.Options);
            Assert.True(call.Request is null or "request");
        });
        Assert.Equal(["a in", "b in", "b out", "a out", "a", "b", "a", "b", "a", "b", "a", "b"], trace);
    }

    [Fact]
    public void An_interceptor_that_overrides_nothing_changes_nothing()
    {
        RecordingInvoker.CallEach(channel.Intercept(new Nothing()));

        Assert.Equal(EachKind, channel.Calls.Select(call => call.Kind));
    }

    [Fact]
    public async Task What_comes_back_is_what_the_channel_gave()
    {
        var invoker = channel.Intercept(new Nothing());

        Assert.Equal("response", invoker.BlockingUnaryCall(RecordingInvoker.Method, null, default, "request"));
        Assert.Equal("response", await invoker.AsyncUnaryCall(RecordingInvoker.Method, null, default, "request"));
        Assert.Equal("response", await invoker.AsyncClientStreamingCall(RecordingInvoker.Method, null, default));
    }

    [Fact]
    public void An_interceptor_may_change_request_method_host_and_options()
    {
        var deadline = DateTime.UtcNow;
        var other = new Method<string, string>(MethodType.Unary, "tests.Service", "Other", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var invoker = channel.Intercept(new Rewriter(other, deadline));

        invoker.BlockingUnaryCall(RecordingInvoker.Method, "host", default, "request");

        Assert.Equal("/tests.Service/Other", channel.Last.Method);
        Assert.Equal("other", channel.Last.Host);
        Assert.Equal(deadline, channel.Last.Options.Deadline);
        Assert.Equal("changed", channel.Last.Request);
    }

    [Fact]
    public void An_interceptor_may_answer_itself()
    {
        Assert.Equal("cached", channel.Intercept(new Cache()).BlockingUnaryCall(RecordingInvoker.Method, null, default, "request"));

        Assert.Empty(channel.Calls);
    }

    [Fact]
    public void A_function_over_headers_sets_them_for_every_kind_of_call()
    {
        var invoker = channel.Intercept(headers =>
        {
            headers.Add("authorization", "Bearer abc");
            return headers;
        });

        RecordingInvoker.CallEach(invoker);

        Assert.Equal(EachKind, channel.Calls.Select(call => call.Kind));
        Assert.All(channel.Calls, call => Assert.Equal("Bearer abc", Assert.Single(call.Options.Headers!).Value));
    }

    [Fact]
    public void A_function_over_headers_gets_those_of_the_call_and_may_replace_them()
    {
        var given = new Metadata { { "given", "1" } };
        var invoker = channel.Intercept(headers => [.. headers, new Metadata.Entry("added", "2")]);

        invoker.BlockingUnaryCall(RecordingInvoker.Method, null, new CallOptions(given), "request");

        Assert.Equal(["given", "added"], channel.Last.Options.Headers!.Select(entry => entry.Key));
        Assert.Single(given);
    }

    [Fact]
    public void A_channel_is_intercepted_like_its_invoker()
    {
        var target = new Channel(channel);

        target.Intercept(new Tracer("one", trace)).AsyncUnaryCall(RecordingInvoker.Method, null, default, "request").Dispose();
        target.Intercept(new Tracer("a", trace), new Tracer("b", trace)).AsyncUnaryCall(RecordingInvoker.Method, null, default, "request").Dispose();
        target.Intercept(headers => [.. headers, new Metadata.Entry("added", "2")]).BlockingUnaryCall(RecordingInvoker.Method, null, default, "request");

        Assert.Equal(["one", "a", "b"], trace);
        Assert.Equal("2", channel.Last.Options.Headers?.GetValue("added"));
    }

    [Fact]
    public void Null_is_refused()
    {
        var target = new Channel(channel);

        Assert.Throws<ArgumentNullException>(() => channel.Intercept((Interceptor)null!));
        Assert.Throws<ArgumentNullException>(() => channel.Intercept((Interceptor[])null!));
        Assert.Throws<ArgumentNullException>(() => channel.Intercept((Func<Metadata, Metadata>)null!));
        Assert.Throws<ArgumentNullException>(() => ((CallInvoker)null!).Intercept(new Nothing()));
        Assert.Throws<ArgumentNullException>(() => target.Intercept((Interceptor)null!));
        Assert.Throws<ArgumentNullException>(() => channel.Intercept(new Nothing(), null!));
    }

    [Fact]
    public void No_interceptors_leave_the_calls_as_they_are()
    {
        channel.Intercept().BlockingUnaryCall(RecordingInvoker.Method, null, default, "request");

        Assert.Single(channel.Calls);
    }

    private sealed class Nothing : Interceptor;

    private sealed class Channel(CallInvoker invoker) : ChannelBase("test")
    {
        public override CallInvoker CreateCallInvoker() => invoker;
    }

    private sealed class Rewriter(Method<string, string> method, DateTime deadline) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(
                (TRequest)(object)"changed",
                new ClientInterceptorContext<TRequest, TResponse>(
                    (Method<TRequest, TResponse>)(object)method, "other", context.Options.WithDeadline(deadline)));
    }

    private sealed class Cache : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
            (TResponse)(object)"cached";
    }
}
