using Exchange.Protos.V1;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Clients.Tests.Support;

/// <summary>Values of every kind, and damaged bytes.</summary>
internal static class MadeValues
{
    /// <summary>Texts whose lengths are where their wire form changes.</summary>
    public static string[] Texts { get; } = ["", "a", "漏水", "😀", "it's", new('x', 127), new('y', 128), new('噪', 20_000)];

    /// <summary>A value of any kind, or of none.</summary>
    public static Value Next(Random random, string[] texts) => random.Next(12) switch
    {
        0 => new Value(),
        1 => new Value { Clear = true },
        2 => new Value { Text = texts[random.Next(texts.Length)] },
        3 => new Value { Integer = random.Next(3) is 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(-70, 70) },
        4 => new Value { Decimal = "-12.50" },
        5 => new Value { Boolean = random.Next(2) is 0 },
        6 => new Value { Date = random.Next(-800_000, 3_000_000) },
        7 => new Value { Timestamp = Time(random) },
        8 => new Value { Code = texts[random.Next(texts.Length)] },
        11 => new Value { Code = texts[random.Next(texts.Length)], SourceCode = $"x{texts[random.Next(texts.Length)]}", CodeSystem = "city-a" },
        9 => new Value { TextList = new TextList { Values = { Enumerable.Range(0, random.Next(4)).Select(_ => texts[random.Next(texts.Length)]) } } },
        _ => new Value { Point = new Point { Latitude = random.Next(-90, 90) / 3.0, Longitude = random.Next(3) is 0 ? 0 : random.NextDouble() } },
    };

    /// <summary>Any time.</summary>
    public static Timestamp Time(Random random) =>
        new() { Seconds = random.NextInt64(-62_135_596_800, 253_402_300_799), Nanos = random.Next(3) is 0 ? 0 : random.Next(1_000_000_000) };

    /// <summary>The bytes with a few others in them, or cut off.</summary>
    public static byte[] Damage(Random random, byte[] bytes)
    {
        for (var damages = random.Next(1, 4); damages > 0; damages--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(4) is 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
