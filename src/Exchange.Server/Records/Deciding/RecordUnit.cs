using Exchange.EventStore.Appending;

using Exchange.Server.Records.Push;
namespace Exchange.Server.Records.Deciding;

/// <summary>The records of one pushed batch that fall in one partition.</summary>
internal sealed class RecordUnit(int partition, RecordAppendHandler handler, PushPlan plan, PreparedBatch batch, IReadOnlyList<int> records)
    : AppendUnit(partition)
{
    /// <summary>The push's header.</summary>
    public PushPlan Plan => plan;

    /// <summary>The batch.</summary>
    public PreparedBatch Batch => batch;

    /// <summary>Indexes of the records in the batch, ascending.</summary>
    public IReadOnlyList<int> Records => records;

    /// <inheritdoc/>
    public override IAppendHandler Handler => handler;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Guid> SealedStreams { get; } = plan.MaySeal ? [.. records.Select(batch.IdOf).Distinct()] : [];

    /// <inheritdoc/>
    public override int EventCount => Math.Max(1, records.Count);

    /// <inheritdoc/>
    public override int SizeBytes => batch.SizeBytesOf(records.Count);
}
