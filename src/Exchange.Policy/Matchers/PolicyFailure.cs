using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>Why an expression failed at run time, and where it stands. A failed expression denies.</summary>
public sealed record PolicyFailure(SourcePosition Position, string Reason)
{
    /// <summary>`source:line:column: reason`.</summary>
    public override string ToString() => $"{Position.Source}:{Position.Line}:{Position.Column}: {Reason}";
}
