namespace Exchange.Catalog;

/// <summary>Members of enums as messages name them: UPPER_SNAKE, as the proto writes them without its prefix.</summary>
public static class EnumWords
{
    /// <summary>The member's word.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"_{letter}" : char.ToUpperInvariant(letter).ToString()));
}
