namespace Exchange.Policy.Language;

/// <summary>A place in a model or policy text; line and column count from 1.</summary>
public readonly record struct SourcePosition(string Source, int Line, int Column)
{
    /// <summary>Source of a place in the model text.</summary>
    public const string Model = "model";

    /// <summary>Source of a place in the policy text.</summary>
    public const string Policy = "policy";
}
