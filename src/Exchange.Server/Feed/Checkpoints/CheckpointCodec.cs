using System.Collections.ObjectModel;
using Exchange.Catalog;
using Google.Protobuf;

namespace Exchange.Server.Feed;

/// <summary>
/// Checkpoints as clients keep them: one position per partition, the store's generation, what was asked for and what was shown of it, sealed for one
/// client.
/// </summary>
internal sealed class CheckpointCodec(TokenSeal seal)
{
    private const int GuidBytes = 16;
    private const int MostPartitions = 10_000;

    /// <summary>The text of a checkpoint.</summary>
    /// <param name="client">Who may use it.</param>
    /// <param name="generation">The store's generation.</param>
    /// <param name="fingerprint">What is read, from <see cref="ReadFingerprint"/>.</param>
    /// <param name="mark">Where the reader is.</param>
    public string Encode(ClientId client, Guid generation, ReadOnlySpan<byte> fingerprint, ReadMark mark)
    {
        var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            Write(output, generation, fingerprint, mark.Positions);
            output.WriteBytes(ByteString.CopyFrom(mark.Seen));
        }

        return seal.Seal(TokenSeal.Use.Checkpoint, client, stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>
    /// Where a reader is by its checkpoint. Refused: CHECKPOINT_INVALID when it was changed or is another client's, CHECKPOINT_GENERATION when the store
    /// was restored since, CHECKPOINT_REQUEST when it was taken for another request.
    /// </summary>
    public Result<ReadMark> Decode(ClientId client, Guid generation, ReadOnlySpan<byte> fingerprint, string text)
    {
        if (seal.Open(TokenSeal.Use.Checkpoint, client, text) is not { } body)
        {
            return FeedReasons.CheckpointInvalid;
        }

        using var input = new CodedInputStream(body);
        var positions = Read(input, generation, fingerprint);
        if (positions.IsRefused)
        {
            return positions.Refusal;
        }

        return input.IsAtEnd ? FeedReasons.CheckpointInvalid : new ReadMark(positions.Value, input.ReadBytes().ToByteArray());
    }

    /// <summary>Writes the positions of a checkpoint, with what they stand for, into another token.</summary>
    public static void Write(CodedOutputStream output, Guid generation, ReadOnlySpan<byte> fingerprint, IReadOnlyDictionary<int, long> positions)
    {
        output.WriteBytes(ByteString.CopyFrom(generation.ToByteArray()));
        output.WriteBytes(ByteString.CopyFrom(fingerprint));
        output.WriteUInt32((uint)positions.Count);
        foreach (var (partition, position) in positions.OrderBy(item => item.Key))
        {
            output.WriteInt32(partition);
            output.WriteInt64(position);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, after its seal was checked.</summary>
    public static Result<ReadOnlyDictionary<int, long>> Read(CodedInputStream input, Guid generation, ReadOnlySpan<byte> fingerprint)
    {
        if (input.ReadBytes() is not { Length: GuidBytes } stored || new Guid(stored.Span) != generation)
        {
            return FeedReasons.CheckpointGeneration;
        }

        if (!input.ReadBytes().Span.SequenceEqual(fingerprint))
        {
            return FeedReasons.CheckpointRequest;
        }

        var count = input.ReadUInt32();
        if (count > MostPartitions)
        {
            return FeedReasons.CheckpointInvalid;
        }

        var positions = new Dictionary<int, long>((int)count);
        for (var index = 0; index < count; index++)
        {
            positions[input.ReadInt32()] = input.ReadInt64();
        }

        return positions.AsReadOnly();
    }
}
