using System.Text;
using Exchange.Server.Tests.Faults.Messages;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Bytes that claim to be a message of a type: spoilt ones, random ones, and ones that know how protobuf is built.</summary>
internal sealed class WireInputs(MessageDescriptor type)
{
    private const int Delimited = 2;
    private const int LargestMessage = 4 * 1024 * 1024;

    private readonly FieldDescriptor[] delimited = [.. type.Fields.InDeclarationOrder().Where(field => field.FieldType is FieldType.String or FieldType.Bytes or FieldType.Message)];

    /// <summary>Bytes for a reader in this process. One in a few thousand is nearly as large as a message may be.</summary>
    public byte[] Next(Random random) => random.Next(4_000) is 0 ? Crowded(random, LargestMessage) : Small(random);

    /// <summary>Bytes of some kilobytes at most, mostly.</summary>
    public byte[] Small(Random random) => random.Next(10) switch
    {
        < 3 => new Mutation(random.Next()).Next([PlausibleMessages.Of(type, random), PlausibleMessages.Of(type, random)]),
        < 6 => new OddMessages(random.Next()).Make(PlausibleMessages.Of(type, random)),
        < 8 => PlausibleMessages.Of(type, random).ToByteArray(),
        8 when random.Next(2) is 0 => Noise(random),
        _ => Built(random),
    };

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(20) is 0 ? random.Next(20_000) : random.Next(100)];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Built(Random random)
    {
        var good = PlausibleMessages.Of(type, random).ToByteArray();
        var bytes = new List<byte>(good);
        var field = delimited.Length > 0 ? delimited[random.Next(delimited.Length)].FieldNumber : random.Next(1, 20);
        switch (random.Next(8))
        {
            case 0:
                // Groups that the type does not know, closed or not.
                var depth = new[] { 99, 100, 101, 10_000 }[random.Next(4)];
                bytes.InsertRange(0, Enumerable.Repeat((byte)0x7b, depth).Concat(Enumerable.Repeat((byte)0x7c, random.Next(3) is 0 ? 0 : depth)));
                break;
            case 1:
                // A field in itself.
                bytes = [.. Nested(field, new[] { 99, 100, 101, 10_000 }[random.Next(4)], good)];
                break;
            case 2:
                // A length that is none, or longer than all there is.
                bytes.AddRange([.. Varint(((ulong)field << 3) | Delimited), .. Varint(new ulong[] { 0, ulong.MaxValue, int.MaxValue, 1UL << 31, 1UL << 63, uint.MaxValue }[random.Next(6)]), .. good]);
                break;
            case 3:
                // A varint of eleven bytes as a tag, a length or a value.
                bytes.InsertRange(0, [.. random.Next(2) is 0 ? Varint(((ulong)random.Next(1, 20) << 3) | (uint)(random.Next(2) * Delimited)) : [], .. Enumerable.Repeat((byte)0x80, random.Next(9, 12)), 1]);
                break;
            case 4:
                byte[][] noText = [[0xed, 0xa0, 0x80], [0xc0, 0x80], [0xff], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe6, 0xbc], [0xf4, 0x90, 0x80, 0x80], [0]];
                bytes.AddRange(Field(field, noText[random.Next(noText.Length)]));
                break;
            case 5:
                bytes = [.. Enumerable.Repeat(good, random.Next(2, 30)).SelectMany(static part => part)];
                break;
            case 6:
                bytes = [.. Crowded(random, 20_000)];
                break;
            default:
                // Not a number, infinite, and negative zero where a number is, or in a field of its own.
                bytes.AddRange([.. Varint(((ulong)random.Next(1, 20) << 3) | 1), .. BitConverter.GetBytes(new[] { double.NaN, double.NegativeInfinity, -0.0, double.MaxValue }[random.Next(4)])]);
                break;
        }

        return [.. bytes];
    }

    // As many parts as fit: empty, or entries of a map whose keys have one hash.
    private byte[] Crowded(Random random, int size)
    {
        var field = delimited.Length > 0 ? delimited[random.Next(delimited.Length)] : null;
        if (field is { FieldType: FieldType.Message } && random.Next(2) is 0)
        {
            // The same among what it holds: records of a batch, values of a record, entries of a department's attributes.
            var inner = new WireInputs(field.MessageType);
            return Field(field.FieldNumber, field.IsMap ? Field(1, Encoding.UTF8.GetBytes("a")) : inner.Crowded(random, size - 10));
        }

        var part = field is null ? [0x08, 0x00] : Field(field.FieldNumber, field.IsMap ? [] : random.Next(2) is 0 ? [] : Noise(new Random(1)));
        return field is { IsMap: true }
            ? [.. CollidingKeys.Take(size / 16).SelectMany(key => Field(field.FieldNumber, Field(1, Encoding.UTF8.GetBytes(key))))]
            : [.. Enumerable.Repeat(part, Math.Max(1, size / part.Length)).SelectMany(static bytes => bytes)];
    }

    private static byte[] Nested(int field, int depth, byte[] innermost)
    {
        var layers = new Stack<byte[]>();
        var length = innermost.Length;
        for (var layer = 0; layer < depth; layer++)
        {
            byte[] head = [.. Varint(((ulong)field << 3) | Delimited), .. Varint((ulong)length)];
            layers.Push(head);
            length += head.Length;
        }

        return [.. layers.SelectMany(static head => head), .. innermost];
    }

    private static byte[] Field(int number, byte[] content) => [.. Varint(((ulong)number << 3) | Delimited), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value > 0x7f; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
