using Exchange.Catalog;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Grpc;

/// <summary>A client's stream of messages: ends with the call's lifetime whatever token the handler gives, and refuses a message that is not one.</summary>
internal sealed class HubStreamReader<T>(IAsyncStreamReader<T> inner, CancellationToken lifetime) : IAsyncStreamReader<T>
{
    // gRPC's word for a length of 2 GiB and more, which no message has.
    private const string LengthTooLarge = "Message too large";

    /// <inheritdoc/>
    public T Current => inner.Current;

    /// <inheritdoc/>
    public Task<bool> MoveNext(CancellationToken cancellationToken) =>
        cancellationToken == lifetime || !cancellationToken.CanBeCanceled ? MoveNextAsync(lifetime) : MoveNextOfBothAsync(cancellationToken);

    private async Task<bool> MoveNextOfBothAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(lifetime, cancellationToken);
        return await MoveNextAsync(both.Token);
    }

    private async Task<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await inner.MoveNext(cancellationToken);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentOutOfRangeException or InvalidDataException)
        {
            // Generated code runs over the end of some messages that are cut off (protobuf's issue 26856); what cannot be unpacked is no data.
            throw EdgeReasons.MalformedMessage.ToException();
        }
        catch (IOException e)
        {
            // Else the caller reset the stream, or its connection broke, and the call's own token does not know yet.
            throw e.Message.StartsWith(LengthTooLarge, StringComparison.Ordinal) ? EdgeReasons.MalformedMessage.ToException() : FaultMapping.CallerGone;
        }
        catch (RpcException e) when (e.Trailers.Get(StatusMapping.DetailsTrailer) is null)
        {
            // gRPC's own: the message is cut off (INTERNAL), cannot be unpacked, or is over the limit.
            throw (e.StatusCode is StatusCode.ResourceExhausted ? EdgeReasons.MessageTooLarge : EdgeReasons.MalformedMessage).ToException();
        }
    }
}
