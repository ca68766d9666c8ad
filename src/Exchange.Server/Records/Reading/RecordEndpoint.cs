using Exchange.Protos.V1;
using Exchange.Server.Grpc.Wire;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// The `GetRecord` of `RecordsService`, served apart from the generated base class because its response is a frame in wire form. Its route comes before
/// the base class's own, which says UNIMPLEMENTED.
/// </summary>
internal sealed class RecordEndpoint(RecordReader reader)
{
    private static readonly Method<GetRecordRequest, RecordFrame> GetRecord = new(
        MethodType.Unary,
        Protos.V1.RecordsService.Descriptor.FullName,
        Protos.V1.RecordsService.Descriptor.FindMethodByName(nameof(GetRecord)).Name,
        ServerMarshaller.OfRequest(GetRecordRequest.Parser),
        RecordFrame.Marshaller);

    /// <summary>Serves one read.</summary>
    public Task<RecordFrame> GetAsync(GetRecordRequest request, ServerCallContext context) => reader.GetAsync(request, context);

    /// <summary>Tells gRPC of the method.</summary>
    public sealed class Methods : IServiceMethodProvider<RecordEndpoint>
    {
        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<RecordEndpoint> context) =>
            context.AddUnaryMethod(GetRecord, [], static (endpoint, request, call) => endpoint.GetAsync(request, call));
    }
}
