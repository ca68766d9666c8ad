using Exchange.Protos.V1;
using Exchange.Server.Grpc.Wire;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Exchange.Server.Records.Pull;

/// <summary>
/// The `Pull` of `RecordsService`, served apart from the generated base class because its responses are frames in wire form. Its route comes before
/// the base class's own, which says UNIMPLEMENTED.
/// </summary>
internal sealed class PullEndpoint(RecordPuller puller)
{
    private static readonly Method<PullRequest, PullFrame> Pull = new(
        MethodType.ServerStreaming,
        Protos.V1.RecordsService.Descriptor.FullName,
        Protos.V1.RecordsService.Descriptor.FindMethodByName(nameof(Pull)).Name,
        ServerMarshaller.OfRequest(PullRequest.Parser),
        PullFrame.Marshaller);

    /// <summary>Serves one pull.</summary>
    public Task PullAsync(PullRequest request, IServerStreamWriter<PullFrame> responses, ServerCallContext context) => puller.PullAsync(request, responses, context);

    /// <summary>Tells gRPC of the method.</summary>
    public sealed class Methods : IServiceMethodProvider<PullEndpoint>
    {
        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<PullEndpoint> context) =>
            context.AddServerStreamingMethod(Pull, [], static (endpoint, request, responses, call) => endpoint.PullAsync(request, responses, call));
    }
}
