using System.Globalization;
using System.Text;
using Exchange.Catalog;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace Exchange.Server.Grpc;

/// <summary>
/// The one table from refusals to gRPC statuses. Every status carries a google.rpc.ErrorInfo in <c>grpc-status-details-bin</c>: our domain, a
/// reason that never changes, the varying parts of the message.
/// </summary>
internal static class StatusMapping
{
    /// <summary>Domain of every ErrorInfo.</summary>
    public const string Domain = "dataexchange";

    /// <summary>Trailer of the details.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    // Other languages' clients take 8 KiB of headers, which hold the message percent-encoded (up to threefold) and the details in base64 (a third
    // more). What is said of a request may hold parts of it, and those are as long as the caller likes.
    private const int LargestDetailsBytes = 4_600;
    private const int LongestMessageBytes = 600;
    private const int LongestPartBytes = 200;
    private const string Ellipsis = "…";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The code of a kind of refusal.</summary>
    public static StatusCode ToStatusCode(this RefusalKind kind) => kind switch
    {
        RefusalKind.InvalidArgument => StatusCode.InvalidArgument,
        RefusalKind.NotFound => StatusCode.NotFound,
        RefusalKind.AlreadyExists => StatusCode.AlreadyExists,
        RefusalKind.PermissionDenied => StatusCode.PermissionDenied,
        RefusalKind.FailedPrecondition => StatusCode.FailedPrecondition,
        RefusalKind.Aborted => StatusCode.Aborted,
        RefusalKind.ResourceExhausted => StatusCode.ResourceExhausted,
        RefusalKind.Unavailable => StatusCode.Unavailable,
        RefusalKind.Unauthenticated => StatusCode.Unauthenticated,
        RefusalKind.OutOfRange => StatusCode.OutOfRange,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no status code"),
    };

    /// <summary>The refusal as the exception that gRPC turns into a status.</summary>
    public static RpcException ToException(this Refusal refusal) => ToException(refusal.ToDetails());

    /// <summary>google.rpc.Status as the exception that gRPC turns into a status.</summary>
    public static RpcException ToException(Status details) =>
        new(new global::Grpc.Core.Status((StatusCode)details.Code, details.Message), new Metadata { { DetailsTrailer, details.ToByteArray() } });

    /// <summary>A status that is not a refusal: a fault, a cancelled call.</summary>
    public static Status ToDetails(StatusCode code, string reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = reason };
        foreach (var (key, value) in metadata)
        {
            info.Metadata[key] = Short(value, LongestPartBytes);
        }

        return ToDetails(code, message, info, code is StatusCode.Unavailable ? Retry(null) : null);
    }

    /// <summary>The refusal as google.rpc.Status, with as many violations as fit.</summary>
    public static Status ToDetails(this Refusal refusal)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = refusal.Reason.Code };
        foreach (var (key, value) in refusal.Metadata)
        {
            info.Metadata[key] = Short(value, LongestPartBytes);
        }

        IMessage? more = refusal.Reason.Kind switch
        {
            RefusalKind.Unavailable => Retry(refusal.RetryAfter),
            RefusalKind.ResourceExhausted when refusal.Reason != EdgeReasons.MessageTooLarge.Reason => Retry(refusal.RetryAfter),
            _ when refusal.Violations.Count is 0 => null,
            RefusalKind.FailedPrecondition => Fit(refusal, info, new PreconditionFailure(), (failure, v) =>
                failure.Violations.Add(new PreconditionFailure.Types.Violation { Type = v.Reason, Subject = v.Field, Description = v.Message })),
            _ => Fit(refusal, info, new BadRequest(), (bad, v) =>
                bad.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = v.Field, Reason = v.Reason, Description = v.Message })),
        };
        return ToDetails(refusal.Reason.Kind.ToStatusCode(), refusal.Message, info, more);
    }

    private static Status ToDetails(StatusCode code, string message, ErrorInfo info, IMessage? more)
    {
        var status = new Status { Code = (int)code, Message = Short(message, LongestMessageBytes) };
        status.Details.Add(Any.Pack(info));
        if (more is not null)
        {
            status.Details.Add(Any.Pack(more));
        }

        return status;
    }

    private static RetryInfo Retry(TimeSpan? after) => new() { RetryDelay = Duration.FromTimeSpan(after ?? RetryDelay) };

    private static T Fit<T>(Refusal refusal, ErrorInfo info, T list, Action<T, FieldViolation> add)
    {
        var bytes = LongestMessageBytes + info.CalculateSize();
        var added = 0;
        foreach (var violation in refusal.Violations)
        {
            var shown = violation with { Field = Short(violation.Field, LongestPartBytes), Message = Short(violation.Message, LongestMessageBytes) };
            bytes += Encoding.UTF8.GetByteCount(shown.Field) + shown.Reason.Length + Encoding.UTF8.GetByteCount(shown.Message) + 12;
            if (bytes > LargestDetailsBytes)
            {
                break;
            }

            add(list, shown);
            added++;
        }

        if (added < refusal.Violations.Count)
        {
            info.Metadata["violations_left_out"] = (refusal.Violations.Count - added).ToString(CultureInfo.InvariantCulture);
        }

        return list;
    }

    private static string Short(string text, int mostBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= mostBytes)
        {
            return text;
        }

        var (bytes, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > mostBytes - Ellipsis.Length * 3)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length] + Ellipsis;
    }
}
