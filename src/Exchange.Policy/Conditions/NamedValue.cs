namespace Exchange.Policy.Conditions;

/// <summary>What a name that stands as a value in a filter means. The default is missing: no comparison with it holds.</summary>
public readonly record struct NamedValue
{
    private NamedValue(string? text, bool isUnknown) => (Text, IsUnknown) = (text, isUnknown);

    /// <summary>A name that means nothing here: the filter is refused.</summary>
    public static NamedValue Unknown { get; } = new(null, true);

    /// <summary>The text it stands for; null when it is missing or unknown.</summary>
    public string? Text { get; }

    /// <summary>True for <see cref="Unknown"/>.</summary>
    public bool IsUnknown { get; }

    /// <summary>A name for this text; null is missing.</summary>
    public static NamedValue Of(string? text) => new(text, false);
}
