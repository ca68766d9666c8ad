using System.Security.Cryptography;
using Exchange.EventStore.Appending;
using Grpc.Core;
using Npgsql;

namespace Exchange.Server.Grpc;

/// <summary>The one table from exceptions to gRPC statuses: what a caller may know of a fault.</summary>
internal static partial class FaultMapping
{
    // gRPC has no other sign of it than its message.
    private const string RequestComplete = "the request is complete.";

    /// <summary>The status of a call that took too long.</summary>
    public static Google.Rpc.Status DeadlinePassed => StatusMapping.ToDetails(
        StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's deadline passed: ask for less at once, or give a later deadline");

    /// <summary>The status of a call whose caller does not wait for one.</summary>
    public static RpcException CallerGone => Status(StatusCode.Cancelled, "CANCELLED", "the caller cancelled the call");

    /// <summary>The status of a call that ended with this exception; a fault of ours is logged with the correlation id that the caller gets.</summary>
    public static RpcException ToStatus(Exception exception, HubCallContext call, ILogger logger)
    {
        switch (exception)
        {
            case RpcException known:
                return known;
            case var _ when call.Lifetime?.End is { } end:
                return end.ToException();
            case var _ when call.IsDeadlinePassed:
                return StatusMapping.ToException(DeadlinePassed);
            case var _ when call.CancellationToken.IsCancellationRequested:
                // The caller is gone: whatever broke because of that is no fault.
                return CallerGone;
            case InvalidOperationException when exception.Message.EndsWith(RequestComplete, StringComparison.Ordinal):
                // gRPC completed the call while a handler was about to read or write, and the call's token does not know yet.
                return CallerGone;
            case AppendInDoubtException:
                Log.DatabaseFault(logger, call.Method, exception);
                return Status(StatusCode.Unavailable, "WRITE_IN_DOUBT", "the hub cannot tell whether it stored this; send the same again");
            case PostgresException { SqlState: PostgresErrorCodes.DiskFull }:
                Log.DatabaseFault(logger, call.Method, exception);
                return Status(StatusCode.ResourceExhausted, "STORAGE_FULL", "the hub's storage is full: reads go on, writes do not; retry later, or ask the hub's operator to make room");
            case NpgsqlException fault when IsAway(fault):
                Log.DatabaseFault(logger, call.Method, exception);
                return Status(StatusCode.Unavailable, "DATABASE_UNAVAILABLE", "the hub's database does not answer; try again");
            default:
                var correlation = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
                Log.Fault(logger, call.Method, correlation, exception);
                return Status(
                    StatusCode.Internal, "INTERNAL", $"the hub failed; tell its operator the correlation id `{correlation}`", ("correlation_id", correlation));
        }
    }

    /// <summary>True when the database could not be asked, as opposed to having refused.</summary>
    public static bool IsAway(NpgsqlException exception) =>
        exception is not PostgresException refused || refused.SqlState[..2] is "08" or "53" or "57" or "58" || refused.IsTransient;

    private static RpcException Status(StatusCode code, string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        StatusMapping.ToException(StatusMapping.ToDetails(code, reason, message, metadata));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} failed, correlation id {CorrelationId}")]
        public static partial void Fault(ILogger logger, string method, string correlationId, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "{Method}: the database does not answer")]
        public static partial void DatabaseFault(ILogger logger, string method, Exception exception);
    }
}
