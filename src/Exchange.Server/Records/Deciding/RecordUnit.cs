using System.Runtime.InteropServices;
using Exchange.EventStore.Appending;
using Exchange.Server.Records.Proposals;
using Exchange.Server.Records.Push;

namespace Exchange.Server.Records.Deciding;

/// <summary>The records of one pushed batch that fall in one partition.</summary>
internal sealed class RecordUnit(int partition, RecordAppendHandler handler, PreparedBatch batch, List<int> records)
    : AppendUnit(partition)
{
    /// <summary>The push's header.</summary>
    public PushPlan Plan => batch.Plan;

    /// <summary>The batch.</summary>
    public PreparedBatch Batch => batch;

    /// <summary>Indexes of the records in the batch, ascending.</summary>
    public ReadOnlySpan<int> Records => CollectionsMarshal.AsSpan(records);

    /// <summary>Purpose code of the push; 0 when none was given.</summary>
    public int Purpose { get; init; }

    /// <summary>What it does in the place of a push, for each record of the batch; null for a push.</summary>
    public IReadOnlyList<ProposalStep>? Steps { get; init; }

    /// <inheritdoc/>
    public override IAppendHandler Handler => handler;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Guid> SealedStreams { get; } = batch.Plan.MaySeal ? [.. records.Select(batch.IdOf).Distinct()] : [];

    /// <inheritdoc/>
    public override int EventCount => Math.Max(1, records.Count);

    /// <inheritdoc/>
    public override int SizeBytes => batch.SizeBytesOf(records.Count);
}
