using System.Diagnostics.CodeAnalysis;

namespace Exchange.Policy.Language;

/// <summary>A value, or the refusal that stands in its place.</summary>
public readonly struct PolicyResult<T>
    where T : class
{
    private PolicyResult(T? value, PolicyRefusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>The value; null when refused.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value; null when there is one.</summary>
    public PolicyRefusal? Refusal { get; }

    /// <summary>True when there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Value is not null;

    /// <summary>Runs a parser or builder, and turns the refusal it stops with into a result.</summary>
    internal static PolicyResult<T> From(Func<T> build)
    {
        try
        {
            return new(build(), null);
        }
        catch (RefusedException e)
        {
            return new(null, e.Refusal);
        }
    }
}
