using System.Buffers;
using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.Server.Records.Events;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>
/// A pushed batch, read once into arrays: ids resolved, values as the record rules take them. The arrays of values are rented: give them back with
/// <see cref="Release"/> once nobody decides on them any more.
/// </summary>
internal sealed class PreparedBatch
{
    private readonly PushPlan plan;
    private readonly Proto.PushedBatch batch;
    private readonly PushedValue[] values;
    private readonly Guid[] ids;
    private readonly FieldError?[]? referenceErrors;
    private readonly int sizeBytes;

    /// <summary>Reads a batch that <see cref="PushedBatchForm"/> found in order.</summary>
    public PreparedBatch(PushPlan plan, Proto.PushedBatch batch)
    {
        this.plan = plan;
        this.batch = batch;
        var count = batch.Records.Count;
        var width = plan.Columns.Count;
        values = ArrayPool<PushedValue>.Shared.Rent(count * width);
        ids = new Guid[count];
        sizeBytes = batch.CalculateSize() + (count * width * 40);
        for (var index = 0; index < count; index++)
        {
            var record = batch.Records[index];
            if (TryResolve(record, out var id, out var error))
            {
                ids[index] = id.Value;
            }
            else
            {
                (referenceErrors ??= new FieldError?[count])[index] = error;
            }

            var target = values.AsSpan(index * width, width);
            for (var column = 0; column < Math.Min(width, record.Values.Count); column++)
            {
                target[column] = ValueMap.ToPushed(record.Values[column]);
            }
        }
    }

    /// <summary>The header it was read under.</summary>
    public PushPlan Plan => plan;

    /// <summary>The batch as it was sent.</summary>
    public Proto.PushedBatch Content => batch;

    /// <summary>Ids of its records, each once; without those whose reference is wrong.</summary>
    public Guid[] RecordIds => [.. ids.Where(static id => id != Guid.Empty).Distinct()];

    /// <summary>How many records.</summary>
    public int Count => ids.Length;

    /// <summary>About how many bytes so many of its records hold.</summary>
    public int SizeBytesOf(int records) => (int)((long)sizeBytes * records / Math.Max(1, Count));

    /// <summary>The record's id; empty when its reference is wrong.</summary>
    public Guid IdOf(int index) => ids[index];

    /// <summary>What is wrong with the record's reference; null when nothing is.</summary>
    public FieldError? ReferenceErrorOf(int index) => referenceErrors?[index];

    /// <summary>The caller's own number, which opens the record when there is none; null for the other references.</summary>
    public string? OpenAsOf(int index) => batch.Records[index].ReferenceCase is Proto.PushedRecord.ReferenceOneofCase.SourceId ? batch.Records[index].SourceId : null;

    /// <summary>Version in the source system; 0 means none.</summary>
    public long SourceVersionOf(int index) => batch.Records[index].SourceVersion;

    /// <summary>Quality warnings of the row.</summary>
    public IReadOnlyList<string> WarningsOf(int index) => batch.Records[index].Warnings;

    /// <summary>The values as they came: as many as were sent when that is not the header's number.</summary>
    public ReadOnlySpan<PushedValue> ValuesOf(int index)
    {
        var width = plan.Columns.Count;
        var sent = batch.Records[index].Values.Count;
        return sent == width ? values.AsSpan(index * width, width) : sent < width ? values.AsSpan(index * width, sent) : new PushedValue[sent];
    }

    /// <summary>Gives the rented array back.</summary>
    public void Release()
    {
        values.AsSpan(0, Count * plan.Columns.Count).Clear();
        ArrayPool<PushedValue>.Shared.Return(values);
    }

    private bool TryResolve(Proto.PushedRecord record, out RecordId id, out FieldError? error)
    {
        switch (record.ReferenceCase)
        {
            case Proto.PushedRecord.ReferenceOneofCase.SourceId:
                return plan.Columns.TryResolve(RecordReference.Own(record.SourceId), out id, out error);
            case Proto.PushedRecord.ReferenceOneofCase.OpenedAs:
                return plan.Columns.TryResolve(RecordReference.OpenedAs(record.OpenedAs.SourceSystem, record.OpenedAs.SourceId), out id, out error);
            case Proto.PushedRecord.ReferenceOneofCase.RecordId when Guid.TryParseExact(record.RecordId, "D", out var given):
                return plan.Columns.TryResolve(RecordReference.ById(new RecordId(given)), out id, out error);
            default:
                id = default;
                error = new FieldError("", FieldError.InvalidReference, "name the record by `source_id`, `record_id` (a UUID) or `opened_as`");
                return false;
        }
    }
}
