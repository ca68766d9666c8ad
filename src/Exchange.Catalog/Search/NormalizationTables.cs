using System.Collections.Frozen;
using System.Globalization;

namespace Exchange.Catalog.Search;

/// <summary>
/// The tables of Normalization Form KC, read from the resource <c>unicode-nfkc.txt</c>. They are the hub's own because it
/// runs without ICU (invariant globalization) and because stored search tokens must not change with a node's libraries.
/// </summary>
internal sealed class NormalizationTables
{
    private readonly ulong[] _unsettled = new ulong[0x1_0000 / 64];
    private readonly FrozenSet<int> _unsettledAbove;
    private readonly FrozenDictionary<int, int[]> _decompositions;
    private readonly FrozenDictionary<(int First, int Second), int> _compositions;
    private readonly FrozenDictionary<int, byte> _classes;

    private NormalizationTables(Dictionary<int, int[]> decompositions, Dictionary<(int First, int Second), int> compositions, Dictionary<int, byte> classes)
    {
        _decompositions = decompositions.ToFrozenDictionary();
        _compositions = compositions.ToFrozenDictionary();
        _classes = classes.ToFrozenDictionary();

        // Settled code points are those whose texts, of whatever length, are in form KC already.
        var unsettled = decompositions.Keys.Where(code => !ComposesBack(code))
            .Concat(classes.Keys)
            .Concat(compositions.Keys.Select(pair => pair.Second))
            .Concat(Enumerable.Range(0x1161, 21))
            .Concat(Enumerable.Range(0x11A8, 27))
            .ToHashSet();
        foreach (var code in unsettled.Where(code => code <= char.MaxValue))
        {
            _unsettled[code >> 6] |= 1UL << (code & 63);
        }

        _unsettledAbove = unsettled.Where(code => code > char.MaxValue).ToFrozenSet();
    }

    /// <summary>The only instance, read once.</summary>
    public static NormalizationTables Instance { get; } = Read();

    /// <summary>True when a text with this code point may have to change.</summary>
    public bool IsUnsettled(int code) =>
        code <= char.MaxValue ? (_unsettled[code >> 6] & (1UL << (code & 63))) is not 0 : _unsettledAbove.Contains(code);

    /// <summary>Full compatibility decomposition; null when it has none.</summary>
    public int[]? Decompose(int code) => _decompositions.GetValueOrDefault(code);

    /// <summary>The composition of two code points; -1 when they have none.</summary>
    public int Compose(int first, int second) => _compositions.GetValueOrDefault((first, second), -1);

    /// <summary>Canonical combining class.</summary>
    public byte CombiningClass(int code) => _classes.GetValueOrDefault(code);

    // `é` is decomposed and composed again: it stays. Its decomposition is canonical when folding its parts gives it back.
    private bool ComposesBack(int code)
    {
        var parts = _decompositions[code];
        if (_classes.ContainsKey(code))
        {
            return false;
        }

        var composed = parts[0];
        foreach (var next in parts.AsSpan(1))
        {
            composed = _compositions.GetValueOrDefault((composed, next), -1);
        }

        return composed == code;
    }

    private static NormalizationTables Read()
    {
        var decompositions = new Dictionary<int, int[]>();
        var compositions = new Dictionary<(int First, int Second), int>();
        var classes = new Dictionary<int, byte>();
        using var stream = typeof(NormalizationTables).Assembly.GetManifestResourceStream("unicode-nfkc.txt")
            ?? throw new InvalidOperationException("the resource unicode-nfkc.txt is missing");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            foreach (var entry in line.Split(' ').AsSpan(1))
            {
                var (left, right) = entry.Split('=') is [var first, var second] ? (first, second) : ("", "");
                switch (line[0])
                {
                    case 'D':
                        decompositions.Add(Hex(left), [.. right.Split('+').Select(Hex)]);
                        break;
                    case 'C':
                        compositions.Add((Hex(left.Split('+')[0]), Hex(left.Split('+')[1])), Hex(right));
                        break;
                    case 'K':
                        classes.Add(Hex(left), byte.Parse(right, CultureInfo.InvariantCulture));
                        break;
                    default:
                        break;
                }
            }
        }

        return new(decompositions, compositions, classes);
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
