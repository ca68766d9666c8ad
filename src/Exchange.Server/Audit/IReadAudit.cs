using Exchange.Catalog;

namespace Exchange.Server.Audit;

/// <summary>
/// The audit trail of reads: an intent before the first row, an outcome after the last. The wall between those who read and the log: nobody reads
/// without having passed here.
/// </summary>
internal interface IReadAudit
{
    /// <summary>
    /// Writes that somebody is about to read. When this does not return, nothing may be read: a refusal says that the hub cannot audit now, and
    /// an exception does as well.
    /// </summary>
    Task<Result<ReadAuditScope>> BeginAsync(ReadIntent intent, CancellationToken cancellationToken);

    /// <summary>Writes that an authenticated caller was refused before anything was read. A fault is logged, not thrown: the refusal stands.</summary>
    Task RefusedAsync(ReadIntent intent, RefusalReason reason, CancellationToken cancellationToken);
}
