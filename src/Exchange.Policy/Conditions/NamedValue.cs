namespace Exchange.Policy.Conditions;

/// <summary>What a name that stands as a value in a filter means. The default is missing: no comparison with it holds.</summary>
public readonly record struct NamedValue
{
    private NamedValue(string? text, string? known) => (Text, Known) = (text, known);

    /// <summary>The text it stands for; null when it is missing or unknown.</summary>
    public string? Text { get; }

    /// <summary>Of a name that means nothing here: the names there are, for people.</summary>
    public string? Known { get; }

    /// <summary>A name for this text; null is missing.</summary>
    public static NamedValue Of(string? text) => new(text, null);

    /// <summary>A name that means nothing here: the filter is refused, telling the names there are.</summary>
    public static NamedValue Unknown(string known) => new(null, known);
}
