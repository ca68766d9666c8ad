namespace Exchange.Policy.Language;

/// <summary>Why a model, a policy or an expression is refused, and where: line and column count from 1, in the source (`model` or `policy`) named.</summary>
public sealed record PolicyRefusal(string Source, int Line, int Column, string Reason)
{
    /// <summary>`source:line:column: reason`.</summary>
    public override string ToString() => $"{Source}:{Line}:{Column}: {Reason}";
}
