namespace Exchange.Policy.Language;

/// <summary>Leaves a nested parser with its refusal. Never leaves this project: <see cref="PolicyResult{T}.From"/> catches it.</summary>
internal sealed class RefusedException(PolicyRefusal refusal) : Exception(refusal.Reason)
{
    public PolicyRefusal Refusal { get; } = refusal;

    public RefusedException(SourcePosition position, string reason)
        : this(new PolicyRefusal(position.Source, position.Line, position.Column, reason))
    {
    }
}
