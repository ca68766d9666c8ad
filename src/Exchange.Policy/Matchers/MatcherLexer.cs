using System.Globalization;
using System.Text;
using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>Splits an expression into names, numbers, texts and signs.</summary>
internal sealed class MatcherLexer
{
    private static readonly string[] Signs = ["&&", "||", "===", "!==", "==", "!=", "<=", ">=", "**", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".", "?", ":"];

    private readonly SourceText source;
    private readonly string text;
    private int next;

    public MatcherLexer(SourceText source)
    {
        this.source = source;
        text = source.Text;
        Read();
    }

    public enum TokenKind
    {
        End,
        Name,
        Number,
        Text,
        Sign,
    }

    public TokenKind Kind { get; private set; }

    /// <summary>The name, the sign, or the content of a text.</summary>
    public string Token { get; private set; } = "";

    public double Number { get; private set; }

    public SourcePosition Position { get; private set; }

    public bool Is(string sign) => Kind is TokenKind.Sign && Token == sign;

    public void Read()
    {
        while (next < text.Length && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        Position = source.At(next);
        if (next == text.Length)
        {
            (Kind, Token) = (TokenKind.End, "the end");
            return;
        }

        var c = text[next];
        if (char.IsAsciiLetter(c) || c is '_' or '$')
        {
            var start = next;
            while (next < text.Length && (char.IsAsciiLetterOrDigit(text[next]) || text[next] is '_' or '$'))
            {
                next++;
            }

            (Kind, Token) = (TokenKind.Name, text[start..next]);
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && next + 1 < text.Length && char.IsAsciiDigit(text[next + 1])))
        {
            ReadNumber();
        }
        else if (c is '"' or '\'')
        {
            ReadText(c);
        }
        else
        {
            ReadSign(c);
        }
    }

    private void ReadNumber()
    {
        var start = next;
        while (next < text.Length && (char.IsAsciiDigit(text[next]) || text[next] is '.' or 'e' or 'E' || (text[next] is '+' or '-' && text[next - 1] is 'e' or 'E')))
        {
            next++;
        }

        Token = text[start..next];
        Kind = TokenKind.Number;
        Number = double.TryParse(Token, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new RefusedException(Position, $"`{Token}` is not a number");
    }

    private void ReadText(char quote)
    {
        var value = new StringBuilder();
        for (next++; next < text.Length; next++)
        {
            if (text[next] == quote)
            {
                next++;
                (Kind, Token) = (TokenKind.Text, value.ToString());
                return;
            }

            if (text[next] == '\\' && next + 1 < text.Length)
            {
                next++;
                value.Append(text[next] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', 'v' => '\v', var other => other });
            }
            else
            {
                value.Append(text[next]);
            }
        }

        throw new RefusedException(Position, "a text is not closed; it ends with the quote it began with");
    }

    private void ReadSign(char c)
    {
        var sign = Signs.FirstOrDefault(candidate => string.CompareOrdinal(text, next, candidate, 0, candidate.Length) == 0)
            ?? throw new RefusedException(Position, $"`{c}` means nothing here");
        next += sign.Length;
        (Kind, Token) = (TokenKind.Sign, sign);
    }
}
