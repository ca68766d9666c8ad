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

    /// <summary>True for values that only suggest: `fields-proposed`.</summary>
    public bool IsProposal { get; private set; }

    /// <summary>Resource id, UTF-8.</summary>
    public ReadOnlySpan<byte> Resource => resource.Span;

    /// <summary>Department that opened the record.</summary>
    public string Opener => Encoding.UTF8.GetString(opener.Span);

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
        if (stored.Type is not (RecordEventTypes.FieldsPushed or RecordEventTypes.FieldsProposed))
        {
            return false;
        }

        (Stored, IsProposal) = (stored, stored.Type is RecordEventTypes.FieldsProposed);
        resource = opener = openedSourceSystem = openedSourceId = sealedBytes = default;
        Changes.Clear();
        Before.Clear();
        After.Clear();
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
            switch (tag >> 3)
            {
                case FieldsPushed.ResourceFieldNumber:
                    resource = Delimited(ref reader, payload);
                    break;
                case FieldsPushed.OpenerFieldNumber:
                    opener = Delimited(ref reader, payload);
                    break;
                case FieldsPushed.OpenedSourceSystemFieldNumber:
                    openedSourceSystem = Delimited(ref reader, payload);
                    break;
                case FieldsPushed.OpenedSourceIdFieldNumber:
                    openedSourceId = Delimited(ref reader, payload);
                    break;
                case FieldsPushed.ChangesFieldNumber:
                    ReadChange(ref reader, payload, Changes);
                    break;
                case FieldsPushed.SealedFieldNumber:
                    sealedBytes = Delimited(ref reader, payload);
                    break;
                case FieldsPushed.SealedFieldsFieldNumber:
                    ReadSealedFields(ref reader);
                    break;
                case FieldsPushed.BeforeFieldNumber:
                    ReadChange(ref reader, payload, Before);
                    break;
                case FieldsPushed.AfterFieldNumber:
                    ReadChange(ref reader, payload, After);
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
            switch (tag >> 3)
            {
                case FieldsProposed.ResourceFieldNumber:
                    resource = Delimited(ref reader, payload);
                    break;
                case FieldsProposed.OpenerFieldNumber:
                    opener = Delimited(ref reader, payload);
                    break;
                case FieldsProposed.ChangesFieldNumber:
                    ReadChange(ref reader, payload, Changes);
                    break;
                case FieldsProposed.SealedFieldNumber:
                    sealedBytes = Delimited(ref reader, payload);
                    break;
                case FieldsProposed.SealedFieldsFieldNumber:
                    ReadSealedFields(ref reader);
                    break;
                case FieldsProposed.AfterFieldNumber:
                    ReadChange(ref reader, payload, After);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return !reader.IsOdd;
    }

    private bool TryReadSealed(ReadOnlyMemory<byte> plain)
    {
        var reader = new WireReader(plain.Span);
        while (reader.Next(out var tag))
        {
            switch (tag >> 3)
            {
                case SealedChanges.ChangesFieldNumber:
                    ReadChange(ref reader, plain, Changes);
                    break;
                case SealedChanges.BeforeFieldNumber:
                    ReadChange(ref reader, plain, Before);
                    break;
                case SealedChanges.AfterFieldNumber:
                    ReadChange(ref reader, plain, After);
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

    private static void ReadChange(ref WireReader outer, ReadOnlyMemory<byte> source, WireValues target)
    {
        var bytes = outer.Delimited();
        var start = outer.Position - bytes.Length;
        var (number, inside) = (0, ReadOnlyMemory<byte>.Empty);
        var reader = new WireReader(bytes);
        while (reader.Next(out var tag))
        {
            switch (tag >> 3)
            {
                case FieldChange.NumberFieldNumber:
                    number = (int)reader.Unsigned();
                    break;
                case FieldChange.ValueFieldNumber:
                    var length = reader.Delimited().Length;
                    inside = source.Slice(start + reader.Position - length, length);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        _ = !reader.IsOdd || outer.Odd();
        target.Add(number, inside);
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
