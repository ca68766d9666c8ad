using System.Runtime.InteropServices;
using System.Text;

namespace Exchange.Catalog.Search;

/// <summary>Unicode Normalization Form KC (UAX 15), without ICU.</summary>
internal static class NormalizationFormKC
{
    private const int FirstSyllable = 0xAC00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTail = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    /// <summary>The text in form KC; the same instance when it is so already.</summary>
    public static string Apply(string text)
    {
        var tables = NormalizationTables.Instance;
        foreach (var rune in text.EnumerateRunes())
        {
            if (tables.IsUnsettled(rune.Value))
            {
                return Change(text, tables);
            }
        }

        return text;
    }

    private static string Change(string text, NormalizationTables tables)
    {
        var codes = Decompose(text, tables);
        Reorder(codes, tables);
        var count = Compose(CollectionsMarshal.AsSpan(codes), tables);
        var result = new StringBuilder(count);
        Span<char> units = stackalloc char[2];
        for (var index = 0; index < count; index++)
        {
            result.Append(units[..new Rune(codes[index]).EncodeToUtf16(units)]);
        }

        return result.ToString();
    }

    private static List<int> Decompose(string text, NormalizationTables tables)
    {
        var codes = new List<int>(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (tables.Decompose(rune.Value) is { } parts)
            {
                codes.AddRange(parts);
            }
            else if (rune.Value - FirstSyllable is var syllable and >= 0 and < Leads * Vowels * Tails)
            {
                codes.Add(FirstLead + (syllable / (Vowels * Tails)));
                codes.Add(FirstVowel + (syllable % (Vowels * Tails) / Tails));
                if (syllable % Tails is var tail and > 0)
                {
                    codes.Add(FirstTail + tail);
                }
            }
            else
            {
                codes.Add(rune.Value);
            }
        }

        return codes;
    }

    // Canonical ordering: marks of different classes in the order of their classes, stable.
    private static void Reorder(List<int> codes, NormalizationTables tables)
    {
        for (var index = 1; index < codes.Count; index++)
        {
            var code = codes[index];
            var order = tables.CombiningClass(code);
            if (order is 0)
            {
                continue;
            }

            var place = index;
            while (place > 0 && tables.CombiningClass(codes[place - 1]) > order)
            {
                codes[place] = codes[place - 1];
                place--;
            }

            codes[place] = code;
        }
    }

    private static int Compose(Span<int> codes, NormalizationTables tables)
    {
        var count = 0;
        var starter = -1;
        var lastClass = -1; // class of the last code kept after the starter; -1 when none was
        foreach (var code in codes)
        {
            var order = tables.CombiningClass(code);
            if (starter >= 0 && (lastClass < order || lastClass is -1) && ComposePair(codes[starter], code, tables) is var composed and >= 0)
            {
                codes[starter] = composed;
                continue;
            }

            if (order is 0)
            {
                (starter, lastClass) = (count, -1);
            }
            else
            {
                lastClass = order;
            }

            codes[count++] = code;
        }

        return count;
    }

    private static int ComposePair(int first, int second, NormalizationTables tables)
    {
        if (first - FirstLead is var lead and >= 0 and < Leads && second - FirstVowel is var vowel and >= 0 and < Vowels)
        {
            return FirstSyllable + (((lead * Vowels) + vowel) * Tails);
        }

        if (first - FirstSyllable is var syllable and >= 0 and < Leads * Vowels * Tails && syllable % Tails is 0
            && second - FirstTail is var tail and > 0 and < Tails)
        {
            return first + tail;
        }

        return tables.Compose(first, second);
    }
}
