namespace Exchange.Policy.Matchers;

/// <summary>The tree of a regular expression.</summary>
internal abstract record ScriptNode
{
    private ScriptNode()
    {
    }

    /// <summary>One character of a set.</summary>
    public sealed record Character(ScriptClass Set) : ScriptNode;

    /// <summary>The begin or the end of the text.</summary>
    public sealed record Edge(bool IsBegin) : ScriptNode;

    /// <summary>One after the other.</summary>
    public sealed record Sequence(IReadOnlyList<ScriptNode> Nodes) : ScriptNode;

    /// <summary>One of several.</summary>
    public sealed record Choice(IReadOnlyList<ScriptNode> Nodes) : ScriptNode;

    /// <summary>The same several times; without a bound where <paramref name="Most"/> is null.</summary>
    public sealed record Repeat(ScriptNode Node, int Least, int? Most) : ScriptNode;
}
