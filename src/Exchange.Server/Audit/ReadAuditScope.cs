using System.Collections.Immutable;
using Exchange.Catalog;
using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>
/// One audited read. Count what is sent, and complete it; disposed without that, it is completed as CANCELLED. An outcome that cannot be written
/// is logged: the intent without outcome stands in the trail as what it is.
/// </summary>
internal sealed class ReadAuditScope(Func<ReadOutcome, Task> complete) : IAsyncDisposable
{
    private bool isCompleted;

    /// <summary>Rows, or changes, sent so far.</summary>
    public long Rows { get; set; }

    /// <summary>By partition, where the read stands: nothing behind was shown. Taken over when the outcome is written.</summary>
    public IReadOnlyDictionary<int, long> Positions { get; set; } = ImmutableDictionary<int, long>.Empty;

    /// <summary>Whose rows were sent so far; null when that is not told.</summary>
    public OwnerTally? Owners { get; set; }

    /// <summary>Writes the outcome. Only the first call counts.</summary>
    public Task CompleteAsync(StatusCode status, string reason = "")
    {
        if (isCompleted)
        {
            return Task.CompletedTask;
        }

        isCompleted = true;
        return complete(new ReadOutcome(Rows, status, reason, Positions, Rows is 0 ? [] : Owners?.Read()));
    }

    /// <summary>Writes the outcome of a read that was refused on its way.</summary>
    public Task CompleteAsync(StatusCode status, RefusalReason reason) => CompleteAsync(status, reason.Code);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CompleteAsync(StatusCode.Cancelled);
}
