namespace Exchange.Server.Audit;

/// <summary>One page of the audit trail, newest first.</summary>
/// <param name="Reads">The entries.</param>
/// <param name="Before">Where the next page begins, per audit partition; null on the last page.</param>
/// <param name="Events">How many events of the log were looked at.</param>
/// <param name="Oldest">When the oldest of them was recorded; null when there was none.</param>
internal sealed record AuditPage(IReadOnlyList<AuditedRead> Reads, IReadOnlyDictionary<int, long>? Before, int Events, DateTimeOffset? Oldest);
