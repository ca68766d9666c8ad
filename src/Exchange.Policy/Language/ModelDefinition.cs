using System.Collections.Immutable;

namespace Exchange.Policy.Language;

/// <summary>One definition of a model: `r`, `p2`, …, with the names of its values, where it stands, and the places of the names.</summary>
public sealed record ModelDefinition(string Key, ImmutableArray<string> Names, SourcePosition Position)
{
    /// <summary>Index of a name, or -1.</summary>
    public int IndexOf(string name) => Names.IndexOf(name);
}
