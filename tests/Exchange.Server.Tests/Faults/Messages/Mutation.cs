using System.Text;
using Google.Protobuf;

namespace Exchange.Server.Tests.Faults.Messages;

/// <summary>Spoils serialised messages: by bits, by bytes, and knowing how protobuf is built.</summary>
internal sealed class Mutation(int seed)
{
    private static readonly byte[][] Oddities =
    [
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], // the longest varint
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], // one byte too long
        [0xff, 0xff, 0xff, 0xff, 0x07], // 2^31 - 1
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // -1
        [0x00], [0x0b], [0x0c], [0x0f], // field 0, a group's begin and end, no wire type
        [0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], [0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0xff], // NaN and -infinity
        [0x0a, 0x03, 0xed, 0xa0, 0x80], [0x0a, 0x02, 0xc0, 0x80], [0x0a, 0x01, 0xff], // a lone surrogate, an overlong zero, no UTF-8
        [0x0a, 0x01, 0x00], // a text with a zero character, which PostgreSQL cannot hold
        [0x0a, 0x04, 0xf0, 0x9f, 0x8f, 0x9a], // an astral character
        [0x0a, 0x02, 0x27, 0x3b], [0x0a, 0x03, 0x25, 0x73, 0x5c], // quotes and formats
    ];

    private readonly Random random = new(seed);

    /// <summary>One of these messages, spoilt.</summary>
    public byte[] Next(IReadOnlyList<IMessage> good)
    {
        var bytes = good[random.Next(good.Count)].ToByteArray().ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            Change(bytes, good[random.Next(good.Count)]);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, IMessage another)
    {
        var at = random.Next(bytes.Count + 1);
        switch (random.Next(10))
        {
            case 0 or 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4 when at < bytes.Count:
                bytes.RemoveRange(at, random.Next(Math.Min(bytes.Count - at, 8)) + 1);
                break;
            case 5:
                bytes.InsertRange(at, Oddities[random.Next(Oddities.Length)]);
                break;
            case 6:
                // A part once more, in the same place or elsewhere: fields may come twice.
                var length = random.Next(bytes.Count - at + 1);
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 7:
                var other = another.ToByteArray();
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other[from..random.Next(from, other.Length)]);
                break;
            case 8:
                bytes.InsertRange(at, Nested(random.Next(5) switch { 0 => 99, 1 => 100, 2 => 101, 3 => 2_000, _ => 10_000 }));
                break;
            default:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(new string((char)random.Next(32, 0x3000), random.Next(40))));
                break;
        }
    }

    // Unknown groups within each other.
    private static IEnumerable<byte> Nested(int depth) => Enumerable.Repeat((byte)0x7b, depth).Concat(Enumerable.Repeat((byte)0x7c, depth));
}
