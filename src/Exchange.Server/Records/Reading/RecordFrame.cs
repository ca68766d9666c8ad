using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Wire;
using Exchange.Server.Records.Events;
using Grpc.Core;
using NamedValue = Exchange.Protos.V1.NamedValue;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// A `Record` in its wire form, byte for byte as the generated code would write it. Records are served with it instead of the generated message: its
/// bytes are made once, for the size, the etag and the wire.
/// </summary>
internal sealed class RecordFrame
{
    private const int EtagBytes = 16;
    private const int EtagLetters = 2 * EtagBytes;

    // Its tag and its length come before it.
    private const int EtagFieldBytes = 2 + EtagLetters;

    private readonly WireBuffer body = new(1024);
    private readonly int etagPlace;

    /// <summary>A record with this name and version.</summary>
    public RecordFrame(string name, long version)
    {
        body.TextField(Record.NameFieldNumber, name);
        if (version is not 0)
        {
            body.Tag(Record.VersionFieldNumber, WireBuffer.Varint);
            body.Unsigned((ulong)version);
        }

        etagPlace = body.Length;
    }

    /// <summary>How frames are written. The hub never reads one.</summary>
    public static Marshaller<RecordFrame> Marshaller { get; } =
        ServerMarshaller.OfResponse<RecordFrame>(static frame => frame.SizeBytes, static (frame, writer) => frame.WriteTo(writer));

    /// <summary>Bytes it takes on the wire.</summary>
    public int SizeBytes => body.Length + EtagFieldBytes;

    /// <summary>Adds a value, after those of fields with lower numbers.</summary>
    public void Add(string field, in FieldValue value, bool isMasked)
    {
        var start = body.BeginMessage(Record.ValuesFieldNumber);
        body.TextField(NamedValue.FieldFieldNumber, field);
        ValueWire.WriteField(body, NamedValue.ValueFieldNumber, value);
        if (isMasked)
        {
            body.Tag(NamedValue.MaskedFieldNumber, WireBuffer.Varint);
            body.Unsigned(1);
        }

        body.EndMessage(start);
    }

    /// <summary>Adds the times, in microseconds since 1970, after all values.</summary>
    public void End(long createTime, long updateTime)
    {
        ValueWire.WriteTimestamp(body, Record.CreateTimeFieldNumber, createTime);
        ValueWire.WriteTimestamp(body, Record.UpdateTimeFieldNumber, updateTime);
    }

    /// <summary>Writes the message.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.Write(body.Written[..etagPlace]);
        WriteEtag(target.GetSpan(EtagFieldBytes));
        target.Advance(EtagFieldBytes);
        target.Write(body.Written[etagPlace..]);
    }

    // Of the whole message: it changes with anything the caller sees and with nothing else.
    private void WriteEtag(Span<byte> target)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body.Written, hash);
        target[0] = (Record.EtagFieldNumber << 3) | WireBuffer.Delimited;
        target[1] = EtagLetters;
        Convert.TryToHexStringLower(hash[..EtagBytes], target[2..], out _);
    }
}
