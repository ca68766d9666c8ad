using System.Globalization;
using Exchange.Catalog;
using Exchange.EventStore.Appending;

using Exchange.Server.Records.Deciding;
namespace Exchange.Server.Records.Push;

/// <summary>Refusals of pushes.</summary>
internal static class PushReasons
{
    private static readonly RefusalReason Overloaded = new("OVERLOADED", RefusalKind.ResourceExhausted);
    private static readonly RefusalReason DiskNearlyFull = new("DISK_NEARLY_FULL", RefusalKind.ResourceExhausted);
    private static readonly RefusalReason StoreUnavailable = new("STORE_UNAVAILABLE", RefusalKind.Unavailable);

    /// <summary>A batch before the header.</summary>
    public static Refusal HeaderFirst { get; } = Refusal.Invalid("header", "REQUIRED", "send the header first, then batches");

    /// <summary>A second header.</summary>
    public static Refusal HeaderOnce { get; } = Refusal.Invalid("header", "DUPLICATE", "send the header once, as the first message");

    /// <summary>A batch out of order.</summary>
    public static Refusal SequenceOrder(long expected) => Refusal.Invalid(
        "batch.sequence", "OUT_OF_ORDER", string.Create(CultureInfo.InvariantCulture, $"the next batch of this stream has the sequence {expected}"));

    /// <summary>What the store refused.</summary>
    public static Refusal Of(AppendRefusal refusal, long sequence) => refusal.Reason switch
    {
        AppendRefusalReason.KeyReused => new Refusal(
            RefusalReason.IdempotencyKeyReused, "this push id and sequence came before with other content: use a new push id for other content")
        {
            Metadata = new Dictionary<string, string> { ["sequence"] = sequence.ToString(CultureInfo.InvariantCulture) },
        },
        AppendRefusalReason.Overloaded => new Refusal(Overloaded, "the hub has more to store than it can now: send the batch again later"),
        AppendRefusalReason.DiskNearlyFull => new Refusal(DiskNearlyFull, "the hub's disk is nearly full: nothing is stored until its operator makes room"),
        AppendRefusalReason.Unavailable or AppendRefusalReason.Closed => new Refusal(StoreUnavailable, "the hub cannot store now: send the batch again"),
        _ => throw new InvalidOperationException($"the store refused a push with {refusal.Reason}"),
    };
}
