using System.Buffers;
using Exchange.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Clients.Records;

/// <summary>A `PushRequest` on its way out: the header, or a batch whose records are written already.</summary>
internal sealed class PushMessage
{
    private const byte BatchTag = (PushRequest.BatchFieldNumber << 3) | (int)WireFormat.WireType.LengthDelimited;
    private const byte SequenceTag = (PushedBatch.SequenceFieldNumber << 3) | (int)WireFormat.WireType.Varint;

    // Two tags and two varints.
    private const int LongestHead = 2 + 10 + 10;

    private readonly PushRequest? _request;
    private readonly long _sequence;
    private readonly PushBuffer? _records;

    private PushMessage(PushRequest? request, long sequence, PushBuffer? records) => (_request, _sequence, _records) = (request, sequence, records);

    /// <summary>The method that takes them.</summary>
    public static Method<PushMessage, PushResponse> Push { get; } = new(
        MethodType.DuplexStreaming,
        RecordsService.Descriptor.FullName,
        RecordsService.Descriptor.FindMethodByName(nameof(Push)).Name,
        Marshallers.Create<PushMessage>(
            static (message, context) => message.WriteTo(context), static _ => throw new NotSupportedException("a client does not read requests")),
        Marshallers.Create(
            static (_, _) => throw new NotSupportedException("a client does not write responses"),
            static context => PushResponse.Parser.ParseFrom(context.PayloadAsReadOnlySequence())));

    /// <summary>The first message of a push.</summary>
    public static PushMessage Of(PushHeader header) => new(new PushRequest { Header = header }, 0, null);

    /// <summary>A batch; its sequence is 1 or more.</summary>
    public static PushMessage Of(long sequence, PushBuffer records) => new(null, sequence, records);

    private void WriteTo(SerializationContext context)
    {
        if (_request is not null)
        {
            context.SetPayloadLength(_request.CalculateSize());
            _request.WriteTo(context.GetBufferWriter());
        }
        else
        {
            var records = _records!.Written.Span;
            Span<byte> inner = stackalloc byte[LongestHead];
            inner[0] = SequenceTag;
            inner = inner[..(1 + PushBuffer.WriteVarint(inner[1..], (ulong)_sequence))];
            Span<byte> outer = stackalloc byte[LongestHead];
            outer[0] = BatchTag;
            outer = outer[..(1 + PushBuffer.WriteVarint(outer[1..], (ulong)(inner.Length + records.Length)))];
            context.SetPayloadLength(outer.Length + inner.Length + records.Length);
            var writer = context.GetBufferWriter();
            writer.Write(outer);
            writer.Write(inner);
            writer.Write(records);
        }

        context.Complete();
    }
}
