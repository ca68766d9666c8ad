using System.Diagnostics.CodeAnalysis;

namespace Exchange.Catalog;

/// <summary>What a decision came to: a value, or the refusal that says why there is none. The default is neither and must not be used.</summary>
public readonly struct Result<T>
    where T : notnull
{
    private readonly T? _value;

    private Result(T? value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    /// <summary>Why there is no value; null when there is one.</summary>
    public Refusal? Refusal { get; }

    /// <summary>True when this is a refusal.</summary>
    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Refusal is not null;

    /// <summary>The value. Asking a refusal for it is a bug and throws <see cref="InvalidOperationException"/>.</summary>
    public T Value => Refusal is null && _value is not null
        ? _value
        : throw new InvalidOperationException($"refused with {Refusal?.Reason.Code ?? "nothing"}: there is no value");

    /// <summary>A decision that went through.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>A decision that was refused.</summary>
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);

    /// <summary>The value when there is one.</summary>
    public bool TryGetValue([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (_value, Refusal);
        return Refusal is null;
    }
}
