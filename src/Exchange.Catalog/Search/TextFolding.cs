using System.Globalization;
using System.Text;

namespace Exchange.Catalog.Search;

/// <summary>Brings texts to the one form in which they are searched.</summary>
public static class TextFolding
{
    /// <summary>
    /// Normalization Form KC (full-width letters become plain ones, half-width kana full), without invisible format characters
    /// and variation selectors, in invariant lower case. Folding twice changes nothing.
    /// </summary>
    public static string Fold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Ascii.IsValid(text) ? text.ToLowerInvariant() : NormalizationFormKC.Apply(WithoutInvisible(text)).ToLowerInvariant();
    }

    private static string WithoutInvisible(string text)
    {
        StringBuilder? kept = null;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsInvisible(rune))
            {
                kept ??= new StringBuilder(text, 0, at, text.Length);
            }
            else
            {
                kept?.Append(text, at, rune.Utf16SequenceLength);
            }

            at += rune.Utf16SequenceLength;
        }

        return kept?.ToString() ?? text;
    }

    private static bool IsInvisible(Rune rune) => rune.Value switch
    {
        < 0xAD => false,
        >= 0x3000 and < 0xFE00 => false,
        >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF => true, // variation selectors
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format,
    };
}
