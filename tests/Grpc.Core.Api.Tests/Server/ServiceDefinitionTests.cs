namespace Grpc.Core.Api.Tests.Server;

public sealed class ServiceDefinitionTests
{
    private readonly UnaryServerMethod<string, string> unary = (request, _) => Task.FromResult(request);
    private readonly ClientStreamingServerMethod<string, string> up = (_, _) => Task.FromResult("");
    private readonly ServerStreamingServerMethod<string, string> down = (_, _, _) => Task.CompletedTask;
    private readonly DuplexStreamingServerMethod<string, string> both = (_, _, _) => Task.CompletedTask;

    [Fact]
    public void A_definition_hands_every_method_and_handler_to_a_binder_in_order()
    {
        var definition = ServerServiceDefinition.CreateBuilder()
            .AddMethod(Method("One", MethodType.Unary), unary)
            .AddMethod(Method("Up", MethodType.ClientStreaming), up)
            .AddMethod(Method("Down", MethodType.ServerStreaming), down)
            .AddMethod(Method("Both", MethodType.DuplexStreaming), both)
            .Build();
        var binder = new Binder();

        definition.BindService(binder);

        Assert.Equal(
            [("/tests.Service/One", unary), ("/tests.Service/Up", up), ("/tests.Service/Down", down), ("/tests.Service/Both", (Delegate)both)], binder.Bound);
    }

    [Fact]
    public void A_definition_may_be_bound_more_than_once()
    {
        var definition = ServerServiceDefinition.CreateBuilder().AddMethod(Method("One", MethodType.Unary), unary).Build();
        var (first, second) = (new Binder(), new Binder());

        definition.BindService(first);
        definition.BindService(second);

        Assert.Equal(first.Bound, second.Bound);
    }

    [Fact]
    public void A_method_is_added_once()
    {
        var builder = ServerServiceDefinition.CreateBuilder().AddMethod(Method("One", MethodType.Unary), unary);

        Assert.Throws<ArgumentException>(() => builder.AddMethod(Method("One", MethodType.ServerStreaming), down));
    }

    [Fact]
    public void A_built_definition_does_not_change_with_its_builder()
    {
        var builder = ServerServiceDefinition.CreateBuilder().AddMethod(Method("One", MethodType.Unary), unary);
        var definition = builder.Build();
        builder.AddMethod(Method("Two", MethodType.Unary), unary);
        var binder = new Binder();

        definition.BindService(binder);

        Assert.Single(binder.Bound);
    }

    [Fact]
    public void A_binder_that_overrides_nothing_says_so()
    {
        var binder = new ServiceBinderBase();

        Assert.Throws<NotImplementedException>(() => binder.AddMethod(Method("One", MethodType.Unary), unary));
        Assert.Throws<NotImplementedException>(() => binder.AddMethod(Method("Up", MethodType.ClientStreaming), up));
        Assert.Throws<NotImplementedException>(() => binder.AddMethod(Method("Down", MethodType.ServerStreaming), down));
        Assert.Throws<NotImplementedException>(() => binder.AddMethod(Method("Both", MethodType.DuplexStreaming), both));
    }

    [Fact]
    public void The_generated_service_names_its_binding_method()
    {
        var attribute = (BindServiceMethodAttribute)Attribute.GetCustomAttribute(typeof(EndToEnd.Echo.EchoBase), typeof(BindServiceMethodAttribute))!;

        Assert.Equal(typeof(EndToEnd.Echo), attribute.BindType);
        Assert.NotNull(attribute.BindType.GetMethod(attribute.BindMethodName, [typeof(ServiceBinderBase), typeof(EndToEnd.Echo.EchoBase)]));
    }

    [Fact]
    public void The_generated_service_binds_its_four_methods()
    {
        var binder = new Binder();

        EndToEnd.Echo.BindService(new EndToEnd.EchoService(new EndToEnd.CallEndings())).BindService(binder);

        Assert.Equal(["Say", "Join", "Split", "Repeat"], binder.Bound.Select(bound => bound.Method.Split('/')[^1]));
        Assert.DoesNotContain(null, binder.Bound.Select(bound => bound.Handler));
    }

    private static Method<string, string> Method(string name, MethodType type) =>
        new(type, "tests.Service", name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    private sealed class Binder : ServiceBinderBase
    {
        internal List<(string Method, Delegate? Handler)> Bound { get; } = [];

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            Bound.Add((method.FullName, handler));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            Bound.Add((method.FullName, handler));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            Bound.Add((method.FullName, handler));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            Bound.Add((method.FullName, handler));
    }
}
