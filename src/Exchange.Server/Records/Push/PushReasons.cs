using System.Globalization;
using Exchange.Catalog;
using Exchange.EventStore.Appending;
using Exchange.Server.Grpc;

namespace Exchange.Server.Records.Push;

/// <summary>Refusals of pushes.</summary>
internal static class PushReasons
{
    /// <summary>A batch before the header.</summary>
    public static Refusal HeaderFirst { get; } = Refusal.Invalid("header", "REQUIRED", "send the header first, then batches");

    /// <summary>A second header.</summary>
    public static Refusal HeaderOnce { get; } = Refusal.Invalid("header", "DUPLICATE", "send the header once, as the first message");

    /// <summary>Governance changed again and again while the batch was decided.</summary>
    public static Refusal GovernanceMoves { get; } = new(
        RefusalReason.GovernanceNotConfirmed, "the catalog changes faster than the batch can be decided: retry with the same push id and sequence");

    /// <summary>A batch out of order.</summary>
    public static Refusal SequenceOrder(long least) => Refusal.Invalid(
        "batch.sequence", "OUT_OF_ORDER", string.Create(CultureInfo.InvariantCulture, $"the next batch of this stream has the sequence {least} or a later one"));

    /// <summary>What the store refused.</summary>
    public static Refusal Of(AppendRefusal refusal, long sequence) => refusal.Reason is AppendRefusalReason.KeyReused
        ? new Refusal(RefusalReason.IdempotencyKeyReused, "this push id and sequence came before with other content: use a new push id for other content")
        {
            Metadata = new Dictionary<string, string> { ["sequence"] = sequence.ToString(CultureInfo.InvariantCulture) },
        }
        : refusal.ToRefusal();
}
