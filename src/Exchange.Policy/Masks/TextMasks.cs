using System.Globalization;
using System.Text;

namespace Exchange.Policy.Masks;

/// <summary>Masks on texts. They count and cut text elements (what a reader sees as one character), never inside one.</summary>
public static class TextMasks
{
    /// <summary>Stands for what is hidden, whatever its length.</summary>
    public const string Hidden = "＊";

    private const string HiddenRun = "＊＊＊";

    // Region codes: GB/T 2260 and 10114 (province, city, district, street, community).
    private static readonly int[] RegionDigits = [2, 4, 6, 9, 12];

    /// <summary>
    /// Scrubs a free text. Kept are blanks, line ends, punctuation and mathematical or currency signs; every other run
    /// (letters, digits, CJK characters, emoji, marks, unknown code points) becomes ＊＊＊, so that its length is not told.
    /// Signs that join runs inside phone numbers, e-mail and web addresses (<c>@ . _ - + : / # = &amp; ? %</c>) go with them.
    /// </summary>
    public static string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = new StringBuilder();
        var joining = new StringBuilder(); // signs after a hidden run, of which it is not known yet whether they join
        var inRun = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsKept(rune))
            {
                result.Append(inRun ? "" : HiddenRun);
                joining.Clear();
                inRun = true;
            }
            else if (inRun && IsJoining(rune))
            {
                joining.Append((char)rune.Value);
            }
            else
            {
                result.Append(joining).Append(rune);
                joining.Clear();
                inRun = false;
            }
        }

        return result.Append(joining).ToString();
    }

    /// <summary>The first text elements, then ＊. A text with no more than that many shows nothing.</summary>
    public static string ShowFirst(string text, int elements)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = 0;
        for (var shown = 0; shown < elements && at < text.Length; shown++)
        {
            at += StringInfo.GetNextTextElementLength(text.AsSpan(at));
        }

        return at == text.Length ? Hidden : string.Concat(text.AsSpan(0, at), Hidden);
    }

    /// <summary>＊, then the last text elements. A text with no more than that many shows nothing.</summary>
    public static string ShowLast(string text, int elements)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsPlain(text))
        {
            return text.Length <= elements ? Hidden : string.Concat(Hidden, text.AsSpan(text.Length - elements));
        }

        var starts = StringInfo.ParseCombiningCharacters(text);
        return starts.Length <= elements ? Hidden : string.Concat(Hidden, text.AsSpan(starts[^elements]));
    }

    /// <summary>
    /// The upper levels of a region: of a path with `/`, its first parts; of a region code of 4 to 12 digits (province 2, city
    /// 4, district 6, street 9, community 12 digits), its first digits. A region with no more levels than kept stays.
    /// </summary>
    public static string GeneralizeRegion(string text, int levels)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (RegionDigits.Contains(text.Length) && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return levels > RegionDigits.Length ? text : text[..Math.Min(text.Length, RegionDigits[levels - 1])];
        }

        var end = 0;
        for (var kept = 0; kept < levels; kept++)
        {
            var next = text.IndexOf('/', end);
            if (next < 0)
            {
                return text;
            }

            end = next + 1;
        }

        return text[..(end - 1)];
    }

    private static bool IsJoining(Rune rune) => rune.Value is '@' or '.' or '_' or '-' or '+' or ':' or '/' or '#' or '=' or '&' or '?' or '%';

    // Every character is a text element of its own: in ASCII only a line end of two characters is not.
    private static bool IsPlain(string text) => Ascii.IsValid(text) && !text.Contains('\r', StringComparison.Ordinal);

    private static bool IsKept(Rune rune) => rune.Value is '\n' or '\r' or '\t' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation => true,
        UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation => true,
        UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol => true,
        _ => false,
    };
}
