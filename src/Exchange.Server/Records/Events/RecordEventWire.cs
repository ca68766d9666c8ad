using System.Runtime.InteropServices;
using System.Text;
using Exchange.EventStore;
using Exchange.EventStore.Sealing;
using Exchange.Protos.Stored.V1;

namespace Exchange.Server.Records.Events;

/// <summary>
/// Stored record events one after the other, as the bytes they are stored in: it knows where each value stands and makes an object of none. What
/// <see cref="RecordEvent"/> is to those who need all values of an event. Not for concurrent use.
/// </summary>
internal sealed class RecordEventWire
{
    private ReadOnlyMemory<byte> resource;
    private ReadOnlyMemory<byte> opener;
    private ReadOnlyMemory<byte> openedSourceSystem;
    private ReadOnlyMemory<byte> openedSourceId;
    private ReadOnlyMemory<byte> sealedBytes;

    /// <summary>Where and when the event is stored.</summary>
    public StoredEvent Stored { get; private set; } = null!;

    /// <summary>True for what only suggests or ends a suggestion: `fields-proposed`, `value-disputed`, `proposal-decided`.</summary>
    public bool IsProposal { get; private set; }

    /// <summary>True when the owner took over a proposal with this.</summary>
    public bool IsCorrection { get; private set; }

    /// <summary>Resource id, UTF-8.</summary>
    public ReadOnlySpan<byte> Resource => resource.Span;

    /// <summary>Department that opened the record.</summary>
    public string Opener => Encoding.UTF8.GetString(opener.Span);

    /// <summary>The same, as its bytes.</summary>
    public ReadOnlySpan<byte> OpenerUtf8 => opener.Span;

    /// <summary>Source system the record was opened from; empty but in a stream's first event.</summary>
    public string OpenedSourceSystem => Encoding.UTF8.GetString(openedSourceSystem.Span);

    /// <summary>Number in that system; empty but in a stream's first event.</summary>
    public string OpenedSourceId => Encoding.UTF8.GetString(openedSourceId.Span);

    /// <summary>Changed (or proposed) fields.</summary>
    public WireValues Changes { get; } = new();

    /// <summary>Values, before this event, of the fields that row conditions may use; empty in a stream's first event and in proposals.</summary>
    public WireValues Before { get; } = new();

    /// <summary>Their values after it.</summary>
    public WireValues After { get; } = new();

    /// <summary>Numbers of changed fields whose values are sealed.</summary>
    public List<int> SealedFields { get; } = [];

    /// <summary>True while some values are still sealed.</summary>
    public bool IsSealed => !sealedBytes.IsEmpty;

    /// <summary>Goes on to an event; false when it is not a record's. Throws <see cref="InvalidDataException"/> when it is not in the form that the hub stores.</summary>
    public bool TryRead(StoredEvent stored)
    {
        var isProposal = stored.Type is RecordEventTypes.FieldsProposed or RecordEventTypes.ValueDisputed or RecordEventTypes.ProposalDecided;
        if (!isProposal && stored.Type is not RecordEventTypes.FieldsPushed)
        {
            return false;
        }

        (Stored, IsProposal, IsCorrection) = (stored, isProposal, false);
        resource = opener = openedSourceSystem = openedSourceId = sealedBytes = default;
        var bytes = MemoryMarshal.TryGetArray(stored.Payload, out var segment) ? segment : stored.Payload.ToArray();
        Changes.Begin(bytes);
        Before.Begin(bytes);
        After.Begin(bytes);
        SealedFields.Clear();
        var isCanonical = IsProposal ? TryReadProposed(stored.Payload) : TryReadPushed(stored.Payload);
        return isCanonical ? true : throw Odd();
    }

    /// <summary>True when the event wrote the field.</summary>
    public bool Writes(int number) => !IsProposal && (Changes.Has(number) || SealedFields.Contains(number));

    /// <summary>Adds the sealed values. The keys were loaded for the event's stream. After the key's destruction the values stay away.</summary>
    public void Unseal(SealedValueReader keys)
    {
        if (IsSealed && keys.Open(Stored.Partition, Stored.StreamId, sealedBytes.Span) is { } plain && !TryReadSealed(plain))
        {
            throw Odd();
        }

        sealedBytes = default;
    }

    private bool TryReadPushed(ReadOnlyMemory<byte> payload)
    {
        var reader = new WireReader(payload.Span);
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case (FieldsPushed.ResourceFieldNumber << 3) | WireBuffer.Delimited:
                    resource = Delimited(ref reader, payload);
                    break;
                case (FieldsPushed.OpenerFieldNumber << 3) | WireBuffer.Delimited:
                    opener = Delimited(ref reader, payload);
                    break;
                case (FieldsPushed.OpenedSourceSystemFieldNumber << 3) | WireBuffer.Delimited:
                    openedSourceSystem = Delimited(ref reader, payload);
                    break;
                case (FieldsPushed.OpenedSourceIdFieldNumber << 3) | WireBuffer.Delimited:
                    openedSourceId = Delimited(ref reader, payload);
                    break;
                case (FieldsPushed.ChangesFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, Changes);
                    break;
                case (FieldsPushed.SealedFieldNumber << 3) | WireBuffer.Delimited:
                    sealedBytes = Delimited(ref reader, payload);
                    break;
                case (FieldsPushed.SealedFieldsFieldNumber << 3) | WireBuffer.Delimited:
                    ReadSealedFields(ref reader);
                    break;
                case (FieldsPushed.BeforeFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, Before);
                    break;
                case (FieldsPushed.AfterFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, After);
                    break;
                case (FieldsPushed.CorrectsFieldNumber << 3) | WireBuffer.Varint:
                    IsCorrection = reader.Unsigned() is not 0;
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return !reader.IsOdd;
    }

    private bool TryReadProposed(ReadOnlyMemory<byte> payload)
    {
        var reader = new WireReader(payload.Span);
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case (FieldsProposed.ResourceFieldNumber << 3) | WireBuffer.Delimited:
                    resource = Delimited(ref reader, payload);
                    break;
                case (FieldsProposed.OpenerFieldNumber << 3) | WireBuffer.Delimited:
                    opener = Delimited(ref reader, payload);
                    break;
                case (FieldsProposed.ChangesFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, Changes);
                    break;
                case (FieldsProposed.SealedFieldNumber << 3) | WireBuffer.Delimited:
                    sealedBytes = Delimited(ref reader, payload);
                    break;
                case (FieldsProposed.SealedFieldsFieldNumber << 3) | WireBuffer.Delimited:
                    ReadSealedFields(ref reader);
                    break;
                case (FieldsProposed.AfterFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, After);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return !reader.IsOdd;
    }

    private bool TryReadSealed(byte[] plain)
    {
        Changes.BeginSealed(plain);
        Before.BeginSealed(plain);
        After.BeginSealed(plain);
        var reader = new WireReader(plain);
        while (reader.Next(out var tag))
        {
            switch (tag)
            {
                case (SealedChanges.ChangesFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, Changes);
                    break;
                case (SealedChanges.BeforeFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, Before);
                    break;
                case (SealedChanges.AfterFieldNumber << 3) | WireBuffer.Delimited:
                    ReadChanges(ref reader, tag, After);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return !reader.IsOdd;
    }

    private static ReadOnlyMemory<byte> Delimited(ref WireReader reader, ReadOnlyMemory<byte> source)
    {
        var length = reader.Delimited().Length;
        return source.Slice(reader.Position - length, length);
    }

    // The one whose tag was read, and those behind it that can be read along.
    private static void ReadChanges(ref WireReader outer, uint tag, WireValues target)
    {
        var end = target.AddShort(outer.Bytes, outer.Position - 1, (byte)tag);
        if (end >= outer.Position)
        {
            outer.GoTo(end);
            return;
        }

        var bytes = outer.Delimited();
        var (number, start, length) = (0, 0, 0);
        var reader = new WireReader(bytes);
        while (reader.Next(out var part))
        {
            switch (part)
            {
                case WireValues.NumberTag:
                    number = (int)reader.Unsigned();
                    break;
                case WireValues.ValueTag:
                    length = reader.Delimited().Length;
                    start = outer.Position - bytes.Length + reader.Position - length;
                    break;
                default:
                    reader.Skip(part);
                    break;
            }
        }

        _ = !reader.IsOdd || outer.Odd();
        target.Add(number, start, length);
    }

    private void ReadSealedFields(ref WireReader outer)
    {
        var reader = new WireReader(outer.Delimited());
        while (!reader.AtEnd)
        {
            SealedFields.Add((int)reader.Unsigned());
        }

        _ = !reader.IsOdd || outer.Odd();
    }

    private static InvalidDataException Odd() => new("a stored event is not in the form that the hub writes");
}
