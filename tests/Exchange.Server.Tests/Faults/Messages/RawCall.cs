using System.Collections.Concurrent;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Exchange.Server.Tests.Faults.Messages;

/// <summary>Calls of any method with any bytes, over a channel like everybody else's.</summary>
internal static class RawCall
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    // A channel remembers every method object it ever called.
    private static readonly ConcurrentDictionary<string, Method<byte[], byte[]>> Calls = new();

    /// <summary>Every RPC that the protos define, health excepted, with its descriptor.</summary>
    public static IReadOnlyList<MethodDescriptor> Methods { get; } =
    [
        .. typeof(Protos.V1.RecordsReflection).Assembly.GetTypes()
            .Select(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal) ? type.GetProperty("Descriptor")?.GetValue(null) as FileDescriptor : null)
            .OfType<FileDescriptor>()
            .SelectMany(file => file.Services)
            .Where(service => !service.FullName.StartsWith("grpc.health.", StringComparison.Ordinal))
            .SelectMany(service => service.Methods),
    ];

    /// <summary>
    /// Sends one message and waits for the first answer or the end: null when the call goes well, or else the status. A stream that goes on is left after
    /// its first answer.
    /// </summary>
    public static async Task<RpcException?> SendAsync(CallInvoker invoker, MethodDescriptor descriptor, byte[] message, TimeSpan patience)
    {
        var method = Calls.GetOrAdd(descriptor.FullName, static (_, descriptor) => new(TypeOf(descriptor), descriptor.Service.FullName, descriptor.Name, Bytes, Bytes), descriptor);
        var options = new CallOptions(deadline: DateTime.UtcNow + patience);
        try
        {
            switch (method.Type)
            {
                case MethodType.Unary:
                    await invoker.AsyncUnaryCall(method, null, options, message);
                    break;
                case MethodType.ServerStreaming:
                    using (var down = invoker.AsyncServerStreamingCall(method, null, options, message))
                    {
                        await down.ResponseStream.MoveNext(CancellationToken.None);
                    }

                    break;
                default:
                    using (var both = invoker.AsyncDuplexStreamingCall(method, null, options))
                    {
                        await WriteAsync(both, message);
                        await both.ResponseStream.MoveNext(CancellationToken.None);
                    }

                    break;
            }

            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    private static MethodType TypeOf(MethodDescriptor method) => (method.IsClientStreaming, method.IsServerStreaming) switch
    {
        (false, false) => MethodType.Unary,
        (false, true) => MethodType.ServerStreaming,
        (true, false) => MethodType.ClientStreaming,
        (true, true) => MethodType.DuplexStreaming,
    };

    private static async Task WriteAsync(AsyncDuplexStreamingCall<byte[], byte[]> call, byte[] message)
    {
        try
        {
            await call.RequestStream.WriteAsync(message);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // The refusal came first; the response says which it is.
        }
    }
}
