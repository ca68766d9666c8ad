namespace Exchange.Catalog;

/// <summary>States as messages name them: UPPER_SNAKE, as the proto writes them without its prefix.</summary>
internal static class StateNames
{
    internal static string Of<TState>(TState state)
        where TState : struct, Enum =>
        string.Concat(state.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"_{letter}" : char.ToUpperInvariant(letter).ToString()));
}
