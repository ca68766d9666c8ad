namespace Exchange.Policy.Language;

/// <summary>What the parser has read of a model so far.</summary>
internal sealed class ModelParts
{
    public Dictionary<string, ModelDefinition> Requests { get; } = [];

    public Dictionary<string, ModelDefinition> Policies { get; } = [];

    public Dictionary<string, int> Roles { get; } = [];

    public Dictionary<string, PolicyEffect> Effects { get; } = [];

    public Dictionary<string, SourceText> Matchers { get; } = [];
}
