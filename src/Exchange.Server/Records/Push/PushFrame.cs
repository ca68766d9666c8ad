using System.Buffers;
using Exchange.Server.Grpc.Wire;
using Google.Protobuf;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>
/// A `PushRequest` as it was sent: a header, a batch, or neither; or a `PushBatchRequest` with both. Pushes are served with it instead of the generated
/// message: values go from the wire to the record rules without becoming messages.
/// </summary>
internal sealed class PushFrame
{
    private const byte BatchTag = (Proto.PushRequest.BatchFieldNumber << 3) | 2;
    private const byte CallHeaderTag = (Proto.PushBatchRequest.HeaderFieldNumber << 3) | 2;
    private const byte CallBatchTag = (Proto.PushBatchRequest.BatchFieldNumber << 3) | 2;

    private static readonly MessageParser<Proto.PushRequest> Parser = Proto.PushRequest.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<Proto.PushHeader> HeaderParser = Proto.PushHeader.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<Proto.PushBatchRequest> CallParser = Proto.PushBatchRequest.Parser.WithDiscardUnknownFields(true);

    /// <summary>How frames are read. The hub never writes one.</summary>
    public static Marshaller<PushFrame> Marshaller { get; } = ServerMarshaller.OfRequest(static message => Read(message));

    /// <summary>As <see cref="Marshaller"/>, of unary pushes.</summary>
    public static Marshaller<PushFrame> CallMarshaller { get; } = ServerMarshaller.OfRequest(static message => ReadCall(message));

    /// <summary>The header; null when it is none.</summary>
    public Proto.PushHeader? Header { get; private init; }

    /// <summary>The batch; null when it is none.</summary>
    public BatchContent? Batch { get; private init; }

    /// <summary>A message that is there as an object.</summary>
    public static PushFrame Of(Proto.PushRequest request) => request.MessageCase switch
    {
        Proto.PushRequest.MessageOneofCase.Header => new PushFrame { Header = request.Header },
        Proto.PushRequest.MessageOneofCase.Batch => new PushFrame { Batch = BatchContent.Of(request.Batch) },
        _ => new PushFrame(),
    };

    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    public static PushFrame Read(in ReadOnlySequence<byte> message)
    {
        var reader = new SequenceReader<byte>(message);
        return reader.TryRead(out var tag) && tag is BatchTag && TryReadLength(ref reader, out var length) && length == reader.Remaining
            && BatchContent.TryRead(reader.UnreadSequence) is { } batch
                ? new PushFrame { Batch = batch }
                : Of(Parser.ParseFrom(message));
    }

    /// <summary>Reads the message of a unary push. What it leaves out is null.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    public static PushFrame ReadCall(in ReadOnlySequence<byte> message)
    {
        var reader = new SequenceReader<byte>(message);
        if (TryReadPart(ref reader, CallHeaderTag, out var header) && TryReadPart(ref reader, CallBatchTag, out var batch) && reader.End
            && BatchContent.TryRead(batch) is { } content)
        {
            return new PushFrame { Header = HeaderParser.ParseFrom(header), Batch = content };
        }

        var request = CallParser.ParseFrom(message);
        return new PushFrame { Header = request.Header, Batch = request.Batch is null ? null : BatchContent.Of(request.Batch) };
    }

    private static bool TryReadPart(ref SequenceReader<byte> reader, byte expected, out ReadOnlySequence<byte> part)
    {
        part = default;
        return reader.TryRead(out var tag) && tag == expected && TryReadLength(ref reader, out var length) && length <= reader.Remaining
            && reader.TryReadExact((int)length, out part);
    }

    private static bool TryReadLength(ref SequenceReader<byte> reader, out long length)
    {
        length = 0;
        for (var shift = 0; shift < 32 && reader.TryRead(out var part); shift += 7)
        {
            length |= (long)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
