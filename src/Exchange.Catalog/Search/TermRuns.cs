using System.Globalization;
using System.Text;

namespace Exchange.Catalog.Search;

/// <summary>Walks a folded text's terms without allocating: <c>foreach (var run in new TermRuns(folded))</c>.</summary>
internal ref struct TermRuns(ReadOnlySpan<char> folded)
{
    private readonly ReadOnlySpan<char> _text = folded;
    private int _at;

    /// <summary>The current run.</summary>
    public Run Current { get; private set; }

    /// <summary>This.</summary>
    public readonly TermRuns GetEnumerator() => this;

    /// <summary>Goes to the next run.</summary>
    public bool MoveNext()
    {
        var start = -1;
        var kind = Kind.None;
        while (_at < _text.Length)
        {
            var (next, length) = KindAt(_at);
            if (next is Kind.Mark)
            {
                next = kind; // a mark belongs to what it stands on
            }

            if (start >= 0 && next != kind)
            {
                break;
            }

            if (start < 0 && next is not Kind.None)
            {
                (start, kind) = (_at, next);
            }

            _at += length;
        }

        if (start < 0)
        {
            return false;
        }

        Current = new Run(start, _at - start, kind is Kind.Cjk);
        return true;
    }

    private readonly (Kind Kind, int Length) KindAt(int at)
    {
        var unit = _text[at];
        if (char.IsAscii(unit))
        {
            return (char.IsAsciiLetterOrDigit(unit) ? Kind.Word : Kind.None, 1);
        }

        Rune.DecodeFromUtf16(_text[at..], out var rune, out var length);
        return (IsCjk(rune.Value) ? Kind.Cjk : KindOf(rune), length);
    }

    private static Kind KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => Kind.Word,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Kind.Mark,
        _ => Kind.None,
    };

    private static bool IsCjk(int code) => code switch
    {
        < 0x1100 => false,
        <= 0x11FF => true, // Hangul letters
        0x3005 or 0x3007 or 0x303B => true, // 々 〇 〻
        >= 0x3041 and <= 0x3096 or >= 0x309D and <= 0x309F => true, // Hiragana
        >= 0x30A1 and <= 0x30FA or >= 0x30FC and <= 0x30FF or >= 0x31F0 and <= 0x31FF => true, // Katakana
        >= 0x3105 and <= 0x312F or >= 0x31A0 and <= 0x31BF => true, // Bopomofo
        >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF => true, // Han
        >= 0xA960 and <= 0xA97C or >= 0xAC00 and <= 0xD7A3 or >= 0xD7B0 and <= 0xD7FB => true, // Hangul
        >= 0xF900 and <= 0xFAFF => true, // Han, compatibility
        >= 0x1AFF0 and <= 0x1B16F => true, // Kana supplements
        >= 0x20000 and <= 0x3FFFD => true, // Han, extensions B and on
        _ => false,
    };

    /// <summary>A run of a text.</summary>
    public readonly record struct Run(int Start, int Length, bool IsCjk);

    private enum Kind
    {
        None,
        Word,
        Cjk,
        Mark,
    }
}
