using Exchange.Policy.Conditions;
using Exchange.Server.Audit;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// The last row a pull has seen, from where the next page goes on. In the hub's own order, by partition and by where in it the record was opened, it is a
/// place in a partition; with an order of the reader's it is a place in the whole table.
/// </summary>
/// <param name="Partition">The row's partition.</param>
/// <param name="Opened">Position of the row's first event; 0: nothing of the partition was seen yet.</param>
/// <param name="RecordId">The row's id, which parts rows of one value; empty in the hub's own order.</param>
/// <param name="OrderValue">The value the pull is ordered by; missing for none.</param>
internal readonly record struct PullPosition(int Partition, long Opened, Guid RecordId, FieldValue OrderValue)
{
    /// <summary>True when no row of its partition was seen.</summary>
    public bool IsBefore => Opened is 0;

    /// <summary>Before the first row of a partition.</summary>
    public static PullPosition Before(int partition) => new(partition, 0, Guid.Empty, default);
}

/// <summary>Rows on their way to the reader: a `PullResponse` in the making, without its page token.</summary>
/// <param name="Buffer">The rows as they go over the wire.</param>
/// <param name="Frame">Where the batch's message begins in the buffer; it is not ended yet.</param>
/// <param name="Rows">How many.</param>
/// <param name="Last">The last row seen with this batch.</param>
/// <param name="Owners">How many of the rows had which owners.</param>
internal readonly record struct PullBatch(WireBuffer Buffer, int Frame, int Rows, PullPosition Last, IReadOnlyDictionary<OwnerSet, int> Owners);
