using Exchange.Protos.V1;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Records.Push;

/// <summary>
/// The `Push` of `RecordsService`, served apart from the generated base class because its requests are read from the wire. Its route comes before the
/// base class's own, which says UNIMPLEMENTED.
/// </summary>
internal sealed class PushEndpoint(RecordPusher pusher)
{
    private static readonly Method<PushFrame, PushResponse> Push = new(
        MethodType.DuplexStreaming,
        Protos.V1.RecordsService.Descriptor.FullName,
        Protos.V1.RecordsService.Descriptor.FindMethodByName(nameof(Push)).Name,
        PushFrame.Marshaller,
        Marshallers.Create<PushResponse>(
            static (response, context) =>
            {
                context.SetPayloadLength(response.CalculateSize());
                response.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            static context => PushResponse.Parser.ParseFrom(context.PayloadAsReadOnlySequence())));

    /// <summary>Serves one push.</summary>
    public async Task PushAsync(IAsyncStreamReader<PushFrame> requests, IServerStreamWriter<PushResponse> responses, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.DepartmentSystem).OrThrow();
        using var stream = new PushStream(pusher, caller, responses);
        await stream.RunAsync(requests, context.CancellationToken);
    }

    /// <summary>Tells gRPC of the method.</summary>
    public sealed class Methods : IServiceMethodProvider<PushEndpoint>
    {
        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<PushEndpoint> context) =>
            context.AddDuplexStreamingMethod(Push, [], static (endpoint, requests, responses, call) => endpoint.PushAsync(requests, responses, call));
    }
}
