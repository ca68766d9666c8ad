namespace Exchange.Clients.Files;

/// <summary>Some rows of a file by their numbers: a bit a row up to the highest one.</summary>
public sealed class RowSet
{
    private readonly List<ulong> _words = [];

    /// <summary>How many rows are in it.</summary>
    public long Count { get; private set; }

    /// <summary>True when the row is in it.</summary>
    public bool Contains(long row) => (int)(row / 64) < _words.Count && (_words[(int)(row / 64)] & Bit(row)) != 0;

    /// <summary>Puts a row in; false when it was there.</summary>
    public bool Add(long row)
    {
        if (Contains(row))
        {
            return false;
        }

        var word = (int)(row / 64);
        while (_words.Count <= word)
        {
            _words.Add(0);
        }

        _words[word] |= Bit(row);
        Count++;
        return true;
    }

    private static ulong Bit(long row) => 1UL << (int)(row % 64);
}
