using System.Buffers.Binary;
using Exchange.EventStore;
using Exchange.EventStore.Appending;

namespace Exchange.Bench.Store;

/// <summary>Made events of about the size that a pushed record of 20 fields has in the log.</summary>
internal static class MadeEvents
{
    /// <summary>Bytes of a payload.</summary>
    public const int PayloadBytes = 400;

    private const string Type = "fields-pushed";

    private static readonly byte[] Noise = MakeNoise();

    /// <summary>An event of a stream; the payload is a window into noise, for neither side looks into it.</summary>
    public static NewEvent Event(Guid stream, int number) => new(stream, Type, Noise.AsMemory(number * 7 % (Noise.Length - PayloadBytes), PayloadBytes));

    /// <summary>A stream's id; the same numbers give the same.</summary>
    public static Guid Stream(int round, int number)
    {
        Span<byte> seed = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(seed, round);
        BinaryPrimitives.WriteInt32BigEndian(seed[4..], number);
        return new Guid(System.Security.Cryptography.SHA256.HashData(seed).AsSpan(0, 16));
    }

    /// <summary>An append of the first events of so many new streams, spread over the partitions as the streams fall, as a pushed batch is.</summary>
    public static AppendSubmission Spread(PartitionMap partitions, int round, int first, int count) => new()
    {
        Units =
        [
            .. Enumerable.Range(first, count).Select(number => Event(Stream(round, number), number)).GroupBy(e => partitions.ForRecord(e.StreamId))
                .Select(group => new FirstEvents(group.Key, [.. group]) { Caller = "bench-department", Client = "bench-client" }),
        ],
    };

    private static byte[] MakeNoise()
    {
        var noise = new byte[64 * 1024];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
