using System.Globalization;
using Exchange.Catalog;

namespace Exchange.Server.Grpc.Limits;

/// <summary>Refusals by caps on what is open at a time, and what refusals without a call are counted as.</summary>
internal static class LimitReasons
{
    /// <summary>A connection from an address that has as many as it may.</summary>
    public const string TooManyConnections = "TOO_MANY_CONNECTIONS";

    /// <summary>A connection whose address resets calls faster than it may.</summary>
    public const string TooManyResets = "TOO_MANY_RESETS";

    /// <summary>A connection that sends frames without content faster than anybody needs to.</summary>
    public const string TooManyFrames = "TOO_MANY_FRAMES";

    /// <summary>A connection on which an answer waits that its client does not take.</summary>
    public const string AnswersNotTaken = "ANSWERS_NOT_TAKEN";

    /// <summary>A connection from an address that was just cut off.</summary>
    public const string AddressCutOff = "ADDRESS_CUT_OFF";

    /// <summary>A call beyond a rate.</summary>
    public static RefusalReason RateLimited { get; } = new("RATE_LIMITED", RefusalKind.ResourceExhausted);

    /// <summary>A call beyond a quota.</summary>
    public static RefusalReason QuotaExhausted { get; } = new("QUOTA_EXHAUSTED", RefusalKind.ResourceExhausted);

    // When others of the same client end is nobody's knowledge.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The client has as many streams open as it may.</summary>
    public static Refusal TooManyStreams(int most) => Cap(
        "TOO_MANY_STREAMS", most, $"a client has at most {most} streams open on a node at a time: end others first, or share one stream in the client");

    /// <summary>The client is on as many connections as it may.</summary>
    public static Refusal TooManyConnectionsOfClient(int most) => Cap(
        TooManyConnections, most, $"a client has at most {most} connections to a node at a time: use those it has, which carry many calls at once, or close some");

    private static Refusal Cap(string code, int most, string message) => new(new RefusalReason(code, RefusalKind.ResourceExhausted), message)
    {
        RetryAfter = RetryDelay,
        Metadata = new Dictionary<string, string> { ["scope"] = "client", ["limit"] = most.ToString(CultureInfo.InvariantCulture), ["period"] = "" },
    };
}
