using System.Diagnostics;
using Exchange.Catalog;
using Exchange.EventStore.Appending;

namespace Exchange.Server.Grpc;

/// <summary>What the log's own refusals are to a caller. A handler's refusal is passed on as it is.</summary>
internal static class AppendRefusals
{
    /// <summary>More comes than can be stored.</summary>
    public static readonly RefusalReason LoadShed = new("LOAD_SHED", RefusalKind.ResourceExhausted);

    private static readonly RefusalReason StaleVersion = new("STALE_VERSION", RefusalKind.Aborted);
    private static readonly RefusalReason DiskNearlyFull = new("DISK_NEARLY_FULL", RefusalKind.ResourceExhausted);
    private static readonly RefusalReason DatabaseUnavailable = new("DATABASE_UNAVAILABLE", RefusalKind.Unavailable);

    /// <summary>The refusal of an append as the refusal of the call.</summary>
    public static Refusal ToRefusal(this AppendRefusal refusal) => refusal switch
    {
        { Detail: Refusal own } => own,
        { Reason: AppendRefusalReason.KeyReused } => new Refusal(
            RefusalReason.IdempotencyKeyReused, "the same request id came before with other content: make a new one for each request"),
        { Reason: AppendRefusalReason.StaleVersion } => new Refusal(StaleVersion, "somebody else was faster: read again and retry"),
        { Reason: AppendRefusalReason.Overloaded } => new Refusal(LoadShed, "the hub has more to write than it can keep up with: retry later")
        {
            RetryAfter = refusal.RetryAfter,
        },
        { Reason: AppendRefusalReason.DiskNearlyFull } => new Refusal(DiskNearlyFull, "the hub's storage is nearly full: reads go on, writes do not; retry later, or ask the hub's operator to make room")
        {
            RetryAfter = refusal.RetryAfter,
        },
        { Reason: AppendRefusalReason.Unavailable or AppendRefusalReason.Closed } => new Refusal(
            DatabaseUnavailable, "the hub cannot write now and nothing was stored: retry") { RetryAfter = refusal.RetryAfter },
        _ => throw new UnreachableException($"append refusal {refusal.Reason} has no meaning for callers"),
    };
}
