using System.Globalization;
using Exchange.Protos.V1;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Bench.Hubs;

/// <summary>Made records of a <see cref="BenchResource"/>, about 400 bytes each.</summary>
internal static class MadeRecords
{
    private const string Characters = "路灯噪音停车垃圾积水井盖供暖公交施工树木水管电梯消防油烟绿化占道道路破损物业漏水断电信号校园";
    private const int WordsEach = 4;

    private static readonly string[] Streets = ["North", "South", "East", "West", "Harbour", "Old Town", "Airport", "Hills"];

    /// <summary>Districts, as many as there are values.</summary>
    public static IReadOnlyList<string> Districts { get; } = [.. Enumerable.Range(0, 10).Select(i => $"district {i}")];

    /// <summary>
    /// Words of two characters, the frequent ones first: word n stands in a share of the records that falls with n.
    /// </summary>
    public static IReadOnlyList<string> Words { get; } =
        [.. Enumerable.Range(0, 400).Select(i => $"{Characters[i % Characters.Length]}{Characters[(i * 7 + (i / Characters.Length) + 1) % Characters.Length]}").Distinct()];

    /// <summary>A record with all fields; the same number gives the same record.</summary>
    public static PushedRecord Record(string prefix, int number)
    {
        var random = new Random(number);
        var record = new PushedRecord { SourceId = SourceId(prefix, number) };
        record.Values.Add(new Value { Text = Districts[number % Districts.Count] });
        record.Values.Add(new Value { Text = string.Join('，', Enumerable.Range(0, WordsEach).Select(_ => Words[Skewed(random)])) });
        for (var i = 2; i < 10; i++)
        {
            record.Values.Add(Text(random));
        }

        var opened = DateTime.UnixEpoch.AddSeconds(1_600_000_000 + random.Next(100_000_000));
        for (var i = 0; i < 4; i++)
        {
            record.Values.Add(new Value { Timestamp = Timestamp.FromDateTime(opened.AddHours(i)) });
        }

        for (var i = 0; i < 3; i++)
        {
            record.Values.Add(new Value { Integer = random.Next(1_000_000) });
        }

        record.Values.Add(new Value { Boolean = random.Next(2) is 0 });
        record.Values.Add(new Value { Date = 18_000 + random.Next(2000) });
        record.Values.Add(new Value { Point = new Point { Latitude = 42 + random.NextDouble(), Longitude = -71 + random.NextDouble() } });
        return record;
    }

    /// <summary>New values of three fields of a record, see <see cref="ChangedFields"/>; other ones in each round.</summary>
    public static PushedRecord Change(string prefix, int number, int round)
    {
        var random = new Random(HashCode.Combine(number, round));
        return new PushedRecord
        {
            SourceId = SourceId(prefix, number),
            Values = { Text(random), new Value { Timestamp = Timestamp.FromDateTime(DateTime.UnixEpoch.AddSeconds(1_700_000_000 + round)) }, new Value { Integer = (round * 1_000_000L) + number } },
        };
    }

    /// <summary>Fields that <see cref="Change"/> gives values for.</summary>
    public static IReadOnlyList<string> ChangedFields { get; } = ["text_3", "timestamp_11", "integer_15"];

    /// <summary>Many records.</summary>
    public static PushedRecord[] Records(string prefix, int first, int count) => [.. Enumerable.Range(first, count).Select(number => Record(prefix, number))];

    private static string SourceId(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");

    private static Value Text(Random random) =>
        new() { Text = string.Create(CultureInfo.InvariantCulture, $"{Streets[random.Next(8)]} {random.Next(1_000_000):D6} street {random.Next(1000)}") };

    private static int Skewed(Random random) => (int)(Words.Count * Math.Pow(random.NextDouble(), 3));
}
