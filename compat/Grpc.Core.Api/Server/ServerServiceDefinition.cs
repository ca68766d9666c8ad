using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>A service's methods with their handlers, to be handed to a server.</summary>
public class ServerServiceDefinition
{
    private readonly IReadOnlyList<Action<ServiceBinderBase>> bindings;

    private ServerServiceDefinition(IReadOnlyList<Action<ServiceBinderBase>> bindings) => this.bindings = bindings;

    /// <summary>Hands every method to a binder, in the order they were added.</summary>
    public void BindService(ServiceBinderBase serviceBinder)
    {
        GrpcPreconditions.CheckNotNull(serviceBinder, nameof(serviceBinder));
        foreach (var bind in bindings)
        {
            bind(serviceBinder);
        }
    }

    /// <summary>Starts a definition.</summary>
    public static Builder CreateBuilder() => new();

    /// <summary>Collects methods. <see cref="ArgumentException"/> for a method whose full name is there already.</summary>
    public class Builder
    {
        private readonly HashSet<string> names = [];
        private readonly List<Action<ServiceBinderBase>> bindings = [];

        /// <summary>Starts without methods.</summary>
        public Builder()
        {
        }

        /// <summary>Adds a unary method.</summary>
        public Builder AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class =>
            Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Adds a client streaming method.</summary>
        public Builder AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class =>
            Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Adds a server streaming method.</summary>
        public Builder AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class =>
            Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>Adds a method that streams both ways.</summary>
        public Builder AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class =>
            Add(method, binder => binder.AddMethod(method, handler));

        /// <summary>The definition with the methods so far; later additions do not change it.</summary>
        public ServerServiceDefinition Build() => new([.. bindings]);

        private Builder Add(IMethod method, Action<ServiceBinderBase> bind)
        {
            GrpcPreconditions.CheckNotNull(method, nameof(method));
            GrpcPreconditions.CheckArgument(names.Add(method.FullName), $"method `{method.FullName}` is added twice");
            bindings.Add(bind);
            return this;
        }
    }
}
