namespace Exchange.Policy.Matchers;

/// <summary>A function with its number of arguments. One on (text, pattern) or (text, pattern, name) can be prepared for a pattern once.</summary>
internal sealed record FunctionDefinition(string Name, int Arguments, PolicyFunction Function)
{
    /// <summary>Makes the test for a pattern. Throws <see cref="FormatException"/> where the pattern is none; the test throws nothing.</summary>
    public Func<string, Func<string, bool>>? Prepare { get; init; }

    /// <summary>
    /// Makes, for a pattern, what gives the part of a text that a name of the pattern stands for. Throws
    /// <see cref="FormatException"/> where the pattern is none.
    /// </summary>
    public Func<string, Func<string, string, string>>? PreparePart { get; init; }

    /// <summary>True for texts that as a pattern match nothing but themselves: role patterns need not be tried for them.</summary>
    public Func<string, bool> IsPlain { get; init; } = static _ => false;

    /// <summary>Whether a text is one that the pattern can be asked of, where not every text is: others fail.</summary>
    public Func<string, bool>? Accepts { get; init; }
}
