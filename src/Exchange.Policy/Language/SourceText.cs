using System.Text;

namespace Exchange.Policy.Language;

/// <summary>A value read from one or more lines of a file, with the place of each of its characters.</summary>
internal sealed class SourceText
{
    private readonly StringBuilder text = new();
    private readonly List<SourcePosition> places = [];
    private SourcePosition start;

    public SourceText(SourcePosition start) => this.start = start;

    public static SourceText Of(string value, SourcePosition start)
    {
        var source = new SourceText(start);
        source.Append(value, start);
        return source;
    }

    /// <summary>The lines of a file. Only line feeds and carriage returns end them, so that no other sign in a value begins a row.</summary>
    public static string[] Lines(string file) => file.TrimStart('\uFEFF').Split(["\r\n", "\n", "\r"], StringSplitOptions.None);

    public string Text => text.ToString();

    /// <summary>Appends a piece of one line, whose first character stands at <paramref name="place"/>.</summary>
    public void Append(ReadOnlySpan<char> piece, SourcePosition place)
    {
        if (places.Count == 0)
        {
            start = place;
        }

        text.Append(piece);
        for (var i = 0; i < piece.Length; i++)
        {
            places.Add(place with { Column = place.Column + i });
        }
    }

    /// <summary>The place of a character; of the end when the index is past the text.</summary>
    public SourcePosition At(int index) => places switch
    {
        [] => start,
        _ when index < places.Count => places[index],
        [.., var last] => last with { Column = last.Column + 1 },
    };
}
