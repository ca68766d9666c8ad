using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;

namespace Exchange.Server.Records.Events;

/// <summary>
/// Writes the payloads of record events, byte for byte as the generated code would write `FieldsPushed`, `FieldsProposed` and
/// `SealedChanges`. Call in the order of field numbers.
/// </summary>
internal static class RecordEventWriter
{
    /// <summary>Head of `fields-pushed`. The record's origin is empty but in a stream's first event.</summary>
    public static void WritePushed(
        WireBuffer buffer, string resource, string opener, string openedSourceSystem, string openedSourceId, string sourceSystem, long sourceVersion)
    {
        buffer.TextField(FieldsPushed.ResourceFieldNumber, resource);
        buffer.TextField(FieldsPushed.OpenerFieldNumber, opener);
        buffer.TextField(FieldsPushed.OpenedSourceSystemFieldNumber, openedSourceSystem);
        buffer.TextField(FieldsPushed.OpenedSourceIdFieldNumber, openedSourceId);
        buffer.TextField(FieldsPushed.SourceSystemFieldNumber, sourceSystem);
        if (sourceVersion is not 0)
        {
            buffer.Tag(FieldsPushed.SourceVersionFieldNumber, WireBuffer.Varint);
            buffer.Unsigned((ulong)sourceVersion);
        }
    }

    /// <summary>Head of `fields-proposed`.</summary>
    public static void WriteProposed(WireBuffer buffer, string resource, string opener, string sourceSystem)
    {
        buffer.TextField(FieldsProposed.ResourceFieldNumber, resource);
        buffer.TextField(FieldsProposed.OpenerFieldNumber, opener);
        buffer.TextField(FieldsProposed.SourceSystemFieldNumber, sourceSystem);
    }

    /// <summary>A purpose code, version, number or state; nothing for 0.</summary>
    public static void WriteNumber(WireBuffer buffer, int field, long number)
    {
        if (number is not 0)
        {
            buffer.Tag(field, WireBuffer.Varint);
            buffer.Unsigned((ulong)number);
        }
    }

    /// <summary>Numbers in the packed form; nothing for none.</summary>
    public static void WriteNumbers(WireBuffer buffer, int field, ReadOnlySpan<int> numbers)
    {
        if (numbers.Length is 0)
        {
            return;
        }

        var start = buffer.BeginMessage(field);
        foreach (var number in numbers)
        {
            buffer.Unsigned((ulong)number);
        }

        buffer.EndMessage(start);
    }

    /// <summary>One field's value in a list of changes; a missing value is a removal.</summary>
    public static void WriteChange(WireBuffer buffer, int list, int number, in FieldValue value)
    {
        var start = buffer.BeginMessage(list);
        buffer.Tag(FieldChange.NumberFieldNumber, WireBuffer.Varint);
        buffer.Unsigned((ulong)number);
        ValueWire.WriteField(buffer, FieldChange.ValueFieldNumber, value);
        buffer.EndMessage(start);
    }

    /// <summary>Sealed bytes and the numbers of the fields in them.</summary>
    public static void WriteSealed(WireBuffer buffer, int bytesField, ReadOnlySpan<byte> sealedBytes, int numbersField, ReadOnlySpan<int> numbers)
    {
        buffer.BytesField(bytesField, sealedBytes);
        WriteNumbers(buffer, numbersField, numbers);
    }
}
