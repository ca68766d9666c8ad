using Exchange.Catalog;
using Exchange.Server.Grpc.Room;

namespace Exchange.Server.Grpc;

/// <summary>Refusals of the gRPC edge itself.</summary>
internal static class EdgeReasons
{
    /// <summary>The bytes are not the message that the method takes.</summary>
    public static Refusal MalformedMessage { get; } = new(
        new("MALFORMED_MESSAGE", RefusalKind.InvalidArgument), "the message is cut off or is not the protobuf message of this method");

    /// <summary>The message is over the limit.</summary>
    public static Refusal MessageTooLarge { get; } = new(
        new("MESSAGE_TOO_LARGE", RefusalKind.ResourceExhausted), "a message is at most 4 MiB, decompressed; send smaller batches");

    /// <summary>The message does not come.</summary>
    public static Refusal MessageTooSlow { get; } = new(
        new("MESSAGE_TOO_SLOW", RefusalKind.Unavailable), "the message did not come in time, with 64 KiB a second: send it again, or smaller ones");

    /// <summary>The metadata is over the limit.</summary>
    public static Refusal MetadataTooLarge { get; } = new(
        new("METADATA_TOO_LARGE", RefusalKind.ResourceExhausted), "the metadata of a call is at most 16 KiB, names and values together");

    /// <summary>The node works on as much as its memory allows.</summary>
    public static Refusal LoadShed { get; } = new(
        AppendRefusals.LoadShed, "the hub has more to work on, of all clients or of this one, than it keeps room for: retry later") { RetryAfter = RequestBudget.RetryDelay };

    /// <summary>The node stops.</summary>
    public static Refusal ShuttingDown { get; } = new(
        new("SHUTTING_DOWN", RefusalKind.Unavailable), "this node of the hub stops; reconnect and resume");
}
