using Exchange.Server.Grpc;
using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>How a read that threw stands in the trail.</summary>
internal static class ReadEnding
{
    /// <summary>Writes the outcome of a read that ends with this exception, as the caller will be told it.</summary>
    public static Task FailAsync(this ReadAuditScope scope, Exception exception, ServerCallContext context) => (exception, (context as HubCallContext)?.Lifetime?.End) switch
    {
        (_, { } end) => scope.CompleteAsync(end.Reason.Kind.ToStatusCode(), end.Reason),
        (RpcException known, _) => scope.CompleteAsync(known.StatusCode, ReasonOf(known)),
        (OperationCanceledException, _) => scope.CompleteAsync(StatusCode.Cancelled),
        _ => scope.CompleteAsync(context.CancellationToken.IsCancellationRequested ? StatusCode.Cancelled : StatusCode.Internal),
    };

    private static string ReasonOf(RpcException exception)
    {
        var details = exception.Trailers.GetValueBytes(StatusMapping.DetailsTrailer);
        var first = details is null ? null : Google.Rpc.Status.Parser.ParseFrom(details).Details.FirstOrDefault();
        return first is not null && first.TryUnpack<Google.Rpc.ErrorInfo>(out var info) ? info.Reason : "";
    }
}
