using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Exchange.Server.Tests;

/// <summary>
/// Repeats a unary call that a node refused because it did not hear of the newest policies for a second, as clients do: on a machine that runs all
/// tests at once that may happen to a good node.
/// </summary>
internal sealed class RetryUnconfirmed : Interceptor
{
    private const int MostRepeats = 5;

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return new AsyncUnaryCall<TResponse>(ResponseAsync(), call.ResponseHeadersAsync, () => call.GetStatus(), () => call.GetTrailers(), () => call.Dispose());

        async Task<TResponse> ResponseAsync()
        {
            for (var repeats = 0; ; repeats++)
            {
                try
                {
                    return await call.ResponseAsync;
                }
                catch (RpcException e) when (repeats < MostRepeats && IsUnconfirmed(e))
                {
                    call.Dispose();
                    call = continuation(request, context);
                }
            }
        }
    }

    private static bool IsUnconfirmed(RpcException exception) => exception.StatusCode is StatusCode.Unavailable
        && exception.Trailers.Any(trailer => trailer.Key is "grpc-status-details-bin") && exception.Detail<ErrorInfo>()?.Reason is "GOVERNANCE_NOT_CONFIRMED";
}
