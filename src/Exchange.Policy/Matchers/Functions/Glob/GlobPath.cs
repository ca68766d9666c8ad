namespace Exchange.Policy.Matchers;

/// <summary>A shell pattern without braces, segment by segment. Slashes in a row count as one, and a text may end in one more.</summary>
internal sealed class GlobPath
{
    private const int MostOnStack = 64;

    private readonly GlobSegment[] head;
    private readonly GlobSegment[] tail;
    private readonly bool hasStars;

    public GlobPath(string pattern)
    {
        var segments = new Range[pattern.Count('/') + 1];
        segments = segments[..Split(pattern, segments)];
        var stars = Array.FindIndex(segments, segment => pattern.AsSpan(segment) is "**");
        hasStars = stars >= 0;
        head = Read(pattern, hasStars ? segments[..stars] : segments);
        tail = Read(pattern, hasStars ? segments[(stars + 1)..] : []);
    }

    public bool Matches(ReadOnlySpan<char> text)
    {
        var most = text.Count('/') + 1;
        Span<Range> segments = most <= MostOnStack ? stackalloc Range[most] : new Range[most];
        segments = segments[..Split(text, segments)];
        if (segments.Length < head.Length || !Hold(head, text, segments[..head.Length]))
        {
            return false;
        }

        var rest = segments[head.Length..];
        var endsInSlash = rest.Length > 0 && text[rest[^1]].IsEmpty;
        if (!hasStars)
        {
            return rest.Length == 0 || (rest.Length == 1 && endsInSlash);
        }

        if (rest.Length < tail.Length)
        {
            return false;
        }

        var between = rest.Length - tail.Length;
        if (!Hold(tail, text, rest[between..]) && !(endsInSlash && --between >= 0 && Hold(tail, text, rest[between..^1])))
        {
            return false;
        }

        // What `**` spans has no hidden names; it spans nothing only before something.
        foreach (var segment in rest[..between])
        {
            if (text[segment] is ['.', ..])
            {
                return false;
            }
        }

        return between > 0 || tail.Length > 0;
    }

    private static bool Hold(GlobSegment[] segments, ReadOnlySpan<char> text, ReadOnlySpan<Range> ranges)
    {
        for (var i = 0; i < segments.Length; i++)
        {
            if (!segments[i].Matches(text[ranges[i]]))
            {
                return false;
            }
        }

        return true;
    }

    private static GlobSegment[] Read(string pattern, Range[] segments) => [.. segments.Select(segment => pattern[segment] is "**"
        ? throw new FormatException("`**` stands in a pattern once")
        : new GlobSegment(pattern[segment]))];

    private static int Split(ReadOnlySpan<char> text, Span<Range> segments)
    {
        var (count, start) = (0, 0);
        while (text[start..].IndexOf('/') is >= 0 and var length)
        {
            segments[count++] = start..(start + length);
            for (start += length; start < text.Length && text[start] == '/'; start++)
            {
            }
        }

        segments[count++] = start..text.Length;
        return count;
    }
}
