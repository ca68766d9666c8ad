using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Exchange.Server.Tests.Faults.Messages;

/// <summary>Makes odd messages out of good ones: whole protobuf, with any field left out, repeated or holding what nobody expects there.</summary>
internal sealed class OddMessages(int seed)
{
    private static readonly string[] Texts =
    [
        "", " ", "\0", "a\0b", "\n", "'; DROP TABLE log.event; --", "%s%n", "\\", "../../etc/passwd", "漏水", "🏚", "\u202e", "\ufeff", "ﷺ", "ß", "İ", "NaN", "null", "true", "0", "-1", "1e999",
        "9223372036854775808", "0000-00-00", "9999-12-31T23:59:60Z", "resources/complaint", "resources/", "resources//records/", "resources/complaint/records/00000000-0000-0000-0000-000000000000",
        "title", "title desc", "(((((", "NOT NOT NOT title:*", "title = \"\"", "title:\"'\"", "calls = 99999999999999999999", "tags:*", "due < 2015-02-30", "a.b.c = 1", "\"", "title = \"\\\"\"", "-title",
        new('x', 101), new('汉', 8_001), new('(', 3_000), string.Concat(Enumerable.Repeat("calls = 1 OR ", 400)) + "calls = 1",
    ];

    private readonly Random random = new(seed);

    /// <summary>The message with one to three oddities.</summary>
    public byte[] Make(IMessage good)
    {
        var message = good.Descriptor.Parser.ParseFrom(good.ToByteArray());
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            Change(message, random.Next(4));
        }

        return message.ToByteArray();
    }

    private void Change(IMessage message, int depth)
    {
        var fields = message.Descriptor.Fields.InDeclarationOrder();
        if (fields.Count is 0)
        {
            return;
        }

        var field = fields[random.Next(fields.Count)];
        if (field.IsMap)
        {
            return;
        }

        if (field.IsRepeated)
        {
            Change(field, (IList)field.Accessor.GetValue(message), depth);
        }
        else if (field.FieldType is FieldType.Message && depth > 0 && field.Accessor.GetValue(message) is IMessage inner && random.Next(6) > 0)
        {
            Change(inner, depth - 1);
        }
        else if (random.Next(4) is 0)
        {
            field.Accessor.Clear(message);
        }
        else
        {
            field.Accessor.SetValue(message, Odd(field));
        }
    }

    private void Change(FieldDescriptor field, IList list, int depth)
    {
        switch (random.Next(5))
        {
            case 0:
                list.Clear();
                break;
            case 1 when list.Count > 0:
                list.Add(list[random.Next(list.Count)]);
                break;
            case 2:
                for (var more = random.Next(1, 300); more > 0; more--)
                {
                    list.Add(Odd(field));
                }

                break;
            case 3 when list.Count > 0:
                list.RemoveAt(random.Next(list.Count));
                break;
            default:
                if (list.Count > 0 && list[random.Next(list.Count)] is IMessage inner && depth > 0)
                {
                    Change(inner, depth - 1);
                }
                else
                {
                    list.Add(Odd(field));
                }

                break;
        }
    }

    private object Odd(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => Texts[random.Next(Texts.Length)],
        FieldType.Bytes => ByteString.CopyFrom(new byte[random.Next(40)]),
        FieldType.Bool => random.Next(2) is 0,
        FieldType.Double => new[] { double.NaN, double.PositiveInfinity, -0.0, 91, 181, double.MaxValue, double.Epsilon }[random.Next(7)],
        FieldType.Int64 or FieldType.SInt64 => new[] { 0, 1, -1, long.MaxValue, long.MinValue, random.NextInt64() }[random.Next(6)],
        FieldType.Int32 or FieldType.SInt32 => new[] { 0, 1, -1, int.MaxValue, int.MinValue, random.Next() }[random.Next(6)],
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, random.Next(-2, 20)),
        FieldType.Message => field.MessageType.Parser.ParseFrom([]),
        var type => throw new NotSupportedException($"{type}"),
    };
}
