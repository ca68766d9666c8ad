namespace Grpc.Core;

/// <summary>How a call ended.</summary>
public readonly struct Status
{
    /// <summary>OK without detail.</summary>
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    /// <summary>Cancelled without detail.</summary>
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    /// <summary>An outcome with its explanation.</summary>
    public Status(StatusCode statusCode, string detail)
        : this(statusCode, detail, null)
    {
    }

    /// <summary>An outcome with the local exception behind it, which never travels.</summary>
    public Status(StatusCode statusCode, string detail, Exception? debugException)
    {
        StatusCode = statusCode;
        Detail = detail;
        DebugException = debugException;
    }

    /// <summary>The outcome.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The explanation, for people.</summary>
    public string Detail { get; }

    /// <summary>The local exception behind the outcome, a lost connection say. Null for an outcome that the server sent.</summary>
    public Exception? DebugException { get; }

    /// <summary>The outcome on one line: <c>Status(StatusCode="NotFound", Detail="…")</c>.</summary>
    public override string ToString() =>
        DebugException is null
            ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
            : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}
