using Exchange.Server.Records.Reading;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records;

/// <summary>Tells the history of records. What else `RecordsService` serves, in wire form, has endpoints of its own.</summary>
internal sealed class RecordsService(RecordHistory history) : Proto.RecordsService.RecordsServiceBase
{
    /// <inheritdoc/>
    public override Task<Proto.GetRecordHistoryResponse> GetRecordHistory(Proto.GetRecordHistoryRequest request, ServerCallContext context) =>
        history.GetAsync(request, context);
}
