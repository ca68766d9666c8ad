using Exchange.Catalog;

namespace Exchange.Server.Feed;

/// <summary>Refusals of checkpoints and feeds.</summary>
internal static class FeedReasons
{
    /// <summary>Changed on its way, or another client's, or not a checkpoint at all: all look alike.</summary>
    public static Refusal CheckpointInvalid { get; } = new(
        new("CHECKPOINT_INVALID", RefusalKind.InvalidArgument), "the checkpoint is not one that this hub gave to this client: begin again from a pull");

    /// <summary>The store was restored since.</summary>
    public static Refusal CheckpointGeneration { get; } = new(
        new("CHECKPOINT_GENERATION", RefusalKind.FailedPrecondition), "the hub's store was restored since the checkpoint was taken: pull again and follow from there");

    /// <summary>Another request.</summary>
    public static Refusal CheckpointRequest { get; } = new(
        new("CHECKPOINT_REQUEST", RefusalKind.FailedPrecondition),
        "the checkpoint was taken with another resource, other fields, another filter or another purpose: ask for the same, or pull again with a filter that "
        + "a feed takes too (no text search, no field of level 3 or 4) and follow from there with the same");

    /// <summary>The reader took nothing for too long.</summary>
    public static Refusal SlowReader { get; } = new(
        new("SLOW_READER", RefusalKind.Unavailable), "the reader took nothing for too long: resume from the last checkpoint and read faster");
}
