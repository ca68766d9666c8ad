using System.Numerics;

namespace Exchange.Catalog;

/// <summary>A set of places in the index, a bit each. Grows as places are added.</summary>
internal sealed class PlaceSet
{
    private const int BitsPerWord = 64;

    private ulong[] _words = [];

    internal bool IsEmpty => Array.TrueForAll(_words, word => word is 0);

    internal void Add(int place)
    {
        var word = place / BitsPerWord;
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        }

        _words[word] |= 1UL << (place % BitsPerWord);
    }

    internal void Remove(int place)
    {
        if (place / BitsPerWord < _words.Length)
        {
            _words[place / BitsPerWord] &= ~(1UL << (place % BitsPerWord));
        }
    }

    /// <summary>Places that are in both.</summary>
    internal PlaceSet And(PlaceSet other)
    {
        var both = new ulong[Math.Min(_words.Length, other._words.Length)];
        for (var word = 0; word < both.Length; word++)
        {
            both[word] = _words[word] & other._words[word];
        }

        return new PlaceSet { _words = both };
    }

    /// <summary>Places that are in any; null is empty.</summary>
    internal static PlaceSet Any(IEnumerable<PlaceSet?> sets)
    {
        var any = new PlaceSet();
        foreach (var set in sets.OfType<PlaceSet>())
        {
            if (set._words.Length > any._words.Length)
            {
                Array.Resize(ref any._words, set._words.Length);
            }

            for (var word = 0; word < set._words.Length; word++)
            {
                any._words[word] |= set._words[word];
            }
        }

        return any;
    }

    /// <summary>How many of its places are in the other.</summary>
    internal int CountIn(PlaceSet other)
    {
        var count = 0;
        for (var word = 0; word < Math.Min(_words.Length, other._words.Length); word++)
        {
            count += BitOperations.PopCount(_words[word] & other._words[word]);
        }

        return count;
    }

    /// <summary>Gives each place its new number; -1 takes it away.</summary>
    internal void Move(ReadOnlySpan<int> moved)
    {
        var places = Places().ToList();
        _words = [];
        foreach (var place in places)
        {
            if (moved[place] is var next and >= 0)
            {
                Add(next);
            }
        }
    }

    /// <summary>The places in rising order.</summary>
    internal IEnumerable<int> Places()
    {
        for (var word = 0; word < _words.Length; word++)
        {
            for (var left = _words[word]; left is not 0; left &= left - 1)
            {
                yield return (word * BitsPerWord) + BitOperations.TrailingZeroCount(left);
            }
        }
    }
}
