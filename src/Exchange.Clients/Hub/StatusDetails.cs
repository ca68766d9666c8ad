using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Clients.Hub;

/// <summary>Reads google.rpc details out of `grpc-status-details-bin`.</summary>
internal static class StatusDetails
{
    /// <summary>Reason of a status that no hub sent.</summary>
    public const string Transport = "TRANSPORT";

    private const string Trailer = "grpc-status-details-bin";

    public static ExchangeException Read(RpcException exception)
    {
        var status = Parse(exception.Trailers?.FirstOrDefault(t => t.Key == Trailer)?.ValueBytes);
        var info = Unpack<ErrorInfo>(status);
        if (info is null)
        {
            var detail = exception.Status.Detail;
            return new ExchangeException(exception.StatusCode, Transport, detail.Length > 0 ? detail : exception.StatusCode.ToString(), exception);
        }

        return new ExchangeException(exception.StatusCode, info.Reason, status!.Message, exception)
        {
            Metadata = info.Metadata.ToDictionary(),
            Violations =
            [
                .. Unpack<BadRequest>(status)?.FieldViolations.Select(v => new ExchangeException.Violation(v.Field, v.Reason, v.Description)) ?? [],
                .. Unpack<PreconditionFailure>(status)?.Violations.Select(v => new ExchangeException.Violation(v.Subject, v.Type, v.Description)) ?? [],
            ],
            RetryDelay = Unpack<RetryInfo>(status)?.RetryDelay?.ToTimeSpan(),
        };
    }

    private static Google.Rpc.Status? Parse(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : Google.Rpc.Status.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static T? Unpack<T>(Google.Rpc.Status? status)
        where T : class, IMessage<T>, new()
    {
        foreach (var detail in status?.Details ?? [])
        {
            if (detail.TryUnpack<T>(out var found))
            {
                return found;
            }
        }

        return null;
    }
}
