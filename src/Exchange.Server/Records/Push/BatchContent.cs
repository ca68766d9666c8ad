using System.Buffers;
using System.Diagnostics;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>
/// A batch as it was sent, read once from its bytes into arrays: no message object per value, and texts stay where they are. The arrays are rented: give
/// them back with <see cref="Release"/> once nobody decides on them any more.
/// </summary>
internal sealed class BatchContent
{
    private static readonly MessageParser<Proto.PushedBatch> Parser = Proto.PushedBatch.Parser.WithDiscardUnknownFields(true);

    private PushedEntry[] records = [];
    private byte[] bytes;
    private int length;
    private PushedValue[] values = [];
    private int valueCount;

    private BatchContent(byte[] rented, int length) => (bytes, this.length) = (rented, length);

    /// <summary>Number of the batch in its push; 0 when none was given.</summary>
    public long Sequence { get; set; }

    /// <summary>Its records, in order.</summary>
    public ReadOnlySpan<PushedEntry> Records => records.AsSpan(0, Count);

    /// <summary>How many records.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The batch in protobuf's canonical form, without fields that the hub does not know: another encoder of the same content gives the same. Empty
    /// once released.
    /// </summary>
    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, length);

    /// <summary>The record's values, as many as were sent.</summary>
    public ReadOnlySpan<PushedValue> ValuesOf(int index) => values.AsSpan(records[index].FirstValue, records[index].ValueCount);

    /// <summary>A batch that is there as an object; fields that the hub does not know are left out.</summary>
    public static BatchContent Of(Proto.PushedBatch batch)
    {
        var bytes = batch.ToByteArray();
        return TryRead(new ReadOnlySequence<byte>(bytes))
            ?? TryRead(new ReadOnlySequence<byte>(Parser.ParseFrom(bytes).ToByteArray()))
            ?? throw new UnreachableException("generated code wrote a batch in another form than the canonical one");
    }

    /// <summary>Reads a batch; null when it is not in canonical form, right or wrong: then generated code has to read it.</summary>
    public static BatchContent? TryRead(in ReadOnlySequence<byte> message)
    {
        var content = new BatchContent(ArrayPool<byte>.Shared.Rent((int)message.Length), (int)message.Length);
        message.CopyTo(content.bytes);
        if (PushedBatchReader.TryRead(content))
        {
            return content;
        }

        content.Release();
        return null;
    }

    /// <summary>Gives the rented arrays back, without what stood in them.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        ReleaseValues();
        (bytes, length, values, valueCount, records, Count) = ([], 0, [], 0, [], 0);
    }

    /// <summary>Adds a record, to be filled in; its values follow.</summary>
    public ref PushedEntry Add()
    {
        if (records.Length == Count)
        {
            // Most batches have one record, or many.
            Array.Resize(ref records, Count is 0 ? 1 : Math.Max(500, Count * 2));
        }

        ref var record = ref records[Count++];
        record.FirstValue = valueCount;
        return ref record;
    }

    /// <summary>Adds a value of the record added last.</summary>
    public void Add(in PushedValue value)
    {
        if (valueCount == values.Length)
        {
            Grow(Math.Max(50, valueCount * 2));
        }

        values[valueCount++] = value;
    }

    /// <summary>A part of the bytes, valid UTF-8, as a text value that is there until the release.</summary>
    public FieldValue Lend(ReadOnlySpan<byte> part) =>
        bytes.AsSpan().Overlaps(part, out var start) ? FieldValue.LentText(bytes, start, part.Length) : FieldValue.Text("");

    /// <summary>Makes room at once for as many values as there will be when all records are like the first, which has so many bytes.</summary>
    public void ExpectMoreLike(int firstBytes) => Grow(Math.Max(valueCount, 1) * Math.Min((length / Math.Max(firstBytes, 1)) + 1, PushedBatchForm.MostRecords + 1));

    private void Grow(int capacity)
    {
        // Whatever the first record is like: no more than the bytes can hold, and a value takes two.
        var larger = ArrayPool<PushedValue>.Shared.Rent(Math.Max(valueCount + 1, Math.Min(capacity, length / 2)));
        values.AsSpan(0, valueCount).CopyTo(larger);
        ReleaseValues();
        values = larger;
    }

    private void ReleaseValues()
    {
        if (values.Length > 0)
        {
            values.AsSpan(0, valueCount).Clear();
            ArrayPool<PushedValue>.Shared.Return(values);
        }
    }
}

/// <summary>A pushed record without its values.</summary>
internal record struct PushedEntry
{
    /// <summary>What names it; null when nothing does, or what does is no reference.</summary>
    public RecordReference? Reference { get; set; }

    /// <summary>The caller's own number, which opens the record when there is none; null for the other references.</summary>
    public string? OpenAs { get; set; }

    /// <summary>Version in the source system; 0 means none.</summary>
    public long SourceVersion { get; set; }

    /// <summary>Quality warnings of the row; null for none.</summary>
    public List<string>? Warnings { get; set; }

    /// <summary>Where its values begin among the batch's.</summary>
    public int FirstValue { get; set; }

    /// <summary>How many values were sent.</summary>
    public int ValueCount { get; set; }
}
