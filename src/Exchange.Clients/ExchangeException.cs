using Exchange.Clients.Hub;
using Grpc.Core;

namespace Exchange.Clients;

/// <summary>
/// The hub refused a call, did not answer in time, or cannot be reached. A call that its caller cancels throws
/// <see cref="OperationCanceledException"/>, and no other does.
/// </summary>
public sealed class ExchangeException : Exception
{
    /// <summary>From what the hub (or the transport) answered.</summary>
    public ExchangeException(StatusCode code, string reason, string message, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Reason = reason;
    }

    /// <summary>gRPC status code.</summary>
    public StatusCode Code { get; }

    /// <summary>Stable UPPER_SNAKE reason of the hub; `TRANSPORT` when the hub did not answer, `TOKEN_REFUSED` when it gave no token.</summary>
    public string Reason { get; }

    /// <summary>Everything that was wrong, where the hub told it field by field.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    /// <summary>The varying parts of the message.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>What to do, when the hub says it apart from the message.</summary>
    public string? NextStep => Metadata.GetValueOrDefault("next_step");

    /// <summary>When the hub asks to be tried again, after how long.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>Reads the details that the hub sent with a status.</summary>
    public static ExchangeException From(RpcException exception) => StatusDetails.Read(exception);

    /// <summary>One thing that was wrong.</summary>
    /// <param name="Field">Path of the field.</param>
    /// <param name="Reason">Stable UPPER_SNAKE reason.</param>
    /// <param name="Message">For people.</param>
    public sealed record Violation(string Field, string Reason, string Message);
}
