using Exchange.Protos.V1;
using Exchange.Server.Grpc;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Identity;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Records.Push;

/// <summary>
/// The `Push` and `PushBatch` of `RecordsService`, served apart from the generated base class because their requests are read from the wire. Their routes
/// come before the base class's own, which say UNIMPLEMENTED.
/// </summary>
internal sealed class PushEndpoint(RecordPusher pusher, RequestBudgets budgets)
{
    private static readonly Method<PushFrame, PushedReceipt> Push = new(
        MethodType.DuplexStreaming,
        Protos.V1.RecordsService.Descriptor.FullName,
        Protos.V1.RecordsService.Descriptor.FindMethodByName(nameof(Push)).Name,
        PushFrame.Marshaller,
        PushedReceipt.Marshaller);

    private static readonly Method<PushFrame, PushedReceipt> PushBatch = new(
        MethodType.Unary,
        Protos.V1.RecordsService.Descriptor.FullName,
        Protos.V1.RecordsService.Descriptor.FindMethodByName(nameof(PushBatch)).Name,
        PushFrame.CallMarshaller,
        PushedReceipt.CallMarshaller);

    /// <summary>Serves one push.</summary>
    public async Task PushAsync(IAsyncStreamReader<PushFrame> requests, IServerStreamWriter<PushedReceipt> responses, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.DepartmentSystem).OrThrow();
        using var stream = new PushStream(pusher, caller, responses, budgets.Streams);
        await stream.RunAsync(requests, context.CancellationToken);
    }

    /// <summary>Serves one unary push.</summary>
    public async Task<PushedReceipt> PushBatchAsync(PushFrame request, ServerCallContext context)
    {
        var caller = context.CallerIn(Role.DepartmentSystem).OrThrow();
        var form = PushHeaderForm.Parse(request.Header ?? new PushHeader()).OrThrow();
        var plan = (await pusher.PlanAsync(caller, form, context.CancellationToken)).OrThrow();
        var batch = RecordPusher.Prepare(plan, request.Batch ?? BatchContent.Of(new PushedBatch())).OrThrow();
        var pushed = await pusher.PushAsync(caller, form, batch, context.CancellationToken);
        return pushed.OrThrow();
    }

    /// <summary>Tells gRPC of the methods.</summary>
    public sealed class Methods : IServiceMethodProvider<PushEndpoint>
    {
        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<PushEndpoint> context)
        {
            context.AddDuplexStreamingMethod(Push, [], static (endpoint, requests, responses, call) => endpoint.PushAsync(requests, responses, call));
            context.AddUnaryMethod(PushBatch, [], static (endpoint, request, call) => endpoint.PushBatchAsync(request, call));
        }
    }
}
