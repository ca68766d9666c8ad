using System.Text;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Texts made of good ones and of a language's words: cut, spliced, repeated, nested; and noise.</summary>
internal sealed class TextInputs(IReadOnlyList<string> good, params string[] words)
{
    private static readonly string[] Oddities = ["\0", "\r\n", "\t", "\u202e", "\ufeff", "\u00a0", "ß", "İ", "漏", "🏚", "\ufffd", "\"", "'", "\\", "%", "=", "+", "&", "-1", "1e999", "99999999999999999999", "NaN"];

    /// <summary>The text as the bytes of UTF-8.</summary>
    public byte[] Bytes(Random random) => Encoding.UTF8.GetBytes(Next(random));

    /// <summary>A text.</summary>
    public string Next(Random random)
    {
        if (random.Next(20) is 0)
        {
            var noise = new byte[random.Next(random.Next(10) is 0 ? 5_000 : 50)];
            random.NextBytes(noise);
            return Encoding.UTF8.GetString(noise);
        }

        var text = new StringBuilder(good[random.Next(good.Count)]);
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            Change(text, random);
        }

        return text.ToString();
    }

    private void Change(StringBuilder text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var length = random.Next(Math.Min(text.Length - at, 12) + 1);
        switch (random.Next(10))
        {
            case 0:
                text.Remove(at, length);
                break;
            case 1:
                text.Length = at;
                break;
            case 2:
                text.Insert(at, text.ToString(at, length));
                break;
            case 3:
                text.Insert(at, Oddities[random.Next(Oddities.Length)]);
                break;
            case 4 or 5:
                text.Insert(at, Word(random));
                break;
            case 6 when at < text.Length:
                text[at] = (char)random.Next(32, 127);
                break;
            case 7:
                text.Append(good[random.Next(good.Count)]);
                break;
            case 8:
                text.Remove(at, length).Insert(at, Word(random));
                break;
            default:
                var times = random.Next(10) is 0 ? random.Next(10_000) : random.Next(60);
                text.Insert(at, string.Concat(Enumerable.Repeat(Word(random), times)));
                break;
        }
    }

    private string Word(Random random) => words.Length is 0 ? Oddities[random.Next(Oddities.Length)] : words[random.Next(words.Length)];
}
