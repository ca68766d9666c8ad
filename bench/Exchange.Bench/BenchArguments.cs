using System.Globalization;

namespace Exchange.Bench;

/// <summary>What the command line asks for: <c>[NAMES] [--quick] [--json FILE] [--svg FILE] [--rounds N]</c>.</summary>
public sealed record BenchArguments
{
    private const int FullRounds = 5;
    private const int QuickRounds = 3;

    /// <summary>Benches to run, in the order of the report; all when none was named.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>True when no bench was named.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>True for the same shapes at smaller sizes.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Measured rounds of each bench.</summary>
    public int Rounds { get; init; }

    /// <summary>Where the rows go as a JSON array; null for nowhere.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Where the chart goes; null for nowhere.</summary>
    public string? SvgFile { get; init; }

    /// <summary>Reads the command line. An error says what makes no sense and what would.</summary>
    public static (BenchArguments? Arguments, string? Error) Parse(IReadOnlyList<string> words, IReadOnlyList<string> known)
    {
        var (names, isQuick, rounds, json, svg) = (new HashSet<string>(), false, (int?)null, (string?)null, (string?)null);
        for (var i = 0; i < words.Count; i++)
        {
            var value = i + 1 < words.Count ? words[i + 1] : null;
            switch (words[i])
            {
                case "--quick":
                    isQuick = true;
                    break;
                case "--json" when value is not null:
                    (json, i) = (value, i + 1);
                    break;
                case "--svg" when value is not null:
                    (svg, i) = (value, i + 1);
                    break;
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 100:
                    (rounds, i) = (n, i + 1);
                    break;
                case var name when known.Contains(name):
                    names.Add(name);
                    break;
                default:
                    return (null, $"`{words[i]}` makes no sense here. Names: {string.Join(", ", known)}; --quick; --json FILE; --svg FILE; --rounds 1 to 100");
            }
        }

        return (
            new BenchArguments
            {
                Names = [.. known.Where(name => names.Count is 0 || names.Contains(name))],
                IsWhole = names.Count is 0,
                IsQuick = isQuick,
                Rounds = rounds ?? (isQuick ? QuickRounds : FullRounds),
                JsonFile = json,
                SvgFile = svg,
            },
            null);
    }
}
