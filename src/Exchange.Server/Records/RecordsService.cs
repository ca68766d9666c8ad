using Exchange.Catalog;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Reading;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records;

/// <summary>Writes and reads records, but for `GetRecord` and the streams `Push` and `Pull`: those have endpoints of their own.</summary>
internal sealed class RecordsService(RecordPusher pusher, RecordHistory history) : Proto.RecordsService.RecordsServiceBase
{
    /// <inheritdoc/>
    public override async Task<Proto.PushReceipt> PushBatch(Proto.PushBatchRequest request, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.DepartmentSystem).OrThrow();
        var form = PushHeaderForm.Parse(request.Header ?? new Proto.PushHeader()).OrThrow();
        var plan = (await pusher.PlanAsync(caller, form, context.CancellationToken)).OrThrow();
        var batch = RecordPusher.Prepare(plan, BatchContent.Of(request.Batch ?? new Proto.PushedBatch())).OrThrow();
        var pushed = await pusher.PushAsync(caller, form, batch, context.CancellationToken);
        return pushed.OrThrow();
    }

    /// <inheritdoc/>
    public override Task<Proto.GetRecordHistoryResponse> GetRecordHistory(Proto.GetRecordHistoryRequest request, ServerCallContext context) =>
        history.GetAsync(request, context);
}
