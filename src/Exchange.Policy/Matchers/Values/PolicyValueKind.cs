namespace Exchange.Policy.Matchers;

/// <summary>What a <see cref="PolicyValue"/> holds.</summary>
public enum PolicyValueKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A 64-bit floating point number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Several values.</summary>
    List,

    /// <summary>An object with attributes.</summary>
    Attributes,
}
