using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Exchange.Policy.Matchers;

/// <summary>A value of a request, a rule or an expression. The default is missing. Numbers and truth values are not boxed.</summary>
[SuppressMessage("Usage", "CA2225", Justification = "The factory methods are named after the kinds: Of(text), Of(number), …")]
public readonly struct PolicyValue : IEquatable<PolicyValue>
{
    private readonly object? reference;
    private readonly double number;

    private PolicyValue(PolicyValueKind kind, object? reference, double number) => (Kind, this.reference, this.number) = (kind, reference, number);

    /// <summary>What it holds.</summary>
    public PolicyValueKind Kind { get; }

    /// <summary>The text; empty when it holds none.</summary>
    public string AsText => Kind is PolicyValueKind.Text ? (string)reference! : "";

    /// <summary>The number; 0 when it holds none.</summary>
    public double AsNumber => Kind is PolicyValueKind.Number ? number : 0;

    /// <summary>The truth value; false when it holds none.</summary>
    public bool AsBoolean => Kind is PolicyValueKind.Boolean && number != 0;

    /// <summary>The values of a list; empty when it holds none.</summary>
    public IReadOnlyList<PolicyValue> AsList => Kind is PolicyValueKind.List ? (IReadOnlyList<PolicyValue>)reference! : [];

    /// <summary>The object with attributes; null when it holds none.</summary>
    public IPolicyAttributes? AsAttributes => reference as IPolicyAttributes;

    /// <summary>A text; null is missing.</summary>
    public static PolicyValue Of(string? text) => text is null ? default : new(PolicyValueKind.Text, text, 0);

    /// <summary>A number.</summary>
    public static PolicyValue Of(double number) => new(PolicyValueKind.Number, null, number);

    /// <summary>A truth value.</summary>
    public static PolicyValue Of(bool value) => new(PolicyValueKind.Boolean, null, value ? 1 : 0);

    /// <summary>A list; null is missing.</summary>
    public static PolicyValue Of(IReadOnlyList<PolicyValue>? values) => values is null ? default : new(PolicyValueKind.List, values, 0);

    /// <summary>An object with attributes; null is missing.</summary>
    public static PolicyValue Of(IPolicyAttributes? attributes) => attributes is null ? default : new(PolicyValueKind.Attributes, attributes, 0);

    /// <summary>A text; null is missing.</summary>
    public static implicit operator PolicyValue(string? text) => Of(text);

    /// <summary>A number.</summary>
    public static implicit operator PolicyValue(double number) => Of(number);

    /// <summary>A truth value.</summary>
    public static implicit operator PolicyValue(bool value) => Of(value);

    /// <summary>An object with attributes.</summary>
    public static implicit operator PolicyValue(PolicyAttributes attributes) => Of(attributes);

    /// <summary>A list.</summary>
    public static implicit operator PolicyValue(PolicyValue[] values) => Of(values);

    /// <summary>Whether both are the same value of the same kind; a matcher's `==` is looser.</summary>
    public static bool operator ==(PolicyValue left, PolicyValue right) => left.Equals(right);

    /// <summary>Whether the values or their kinds differ.</summary>
    public static bool operator !=(PolicyValue left, PolicyValue right) => !left.Equals(right);

    /// <summary>The same value of the same kind: `1` is not `"1"`. Lists and objects are the same only when they are one.</summary>
    public bool Equals(PolicyValue other) => Kind == other.Kind && Kind switch
    {
        PolicyValueKind.Text => string.Equals((string)reference!, (string)other.reference!, StringComparison.Ordinal),
        PolicyValueKind.Number or PolicyValueKind.Boolean => number.Equals(other.number),
        PolicyValueKind.Missing => true,
        _ => ReferenceEquals(reference, other.reference),
    };

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is PolicyValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, reference, number);

    /// <summary>The value as text, as a matcher's functions see it; empty for a list and an object.</summary>
    public override string ToString() => Kind switch
    {
        PolicyValueKind.Text => (string)reference!,
        PolicyValueKind.Number => number.ToString("R", CultureInfo.InvariantCulture),
        PolicyValueKind.Boolean => number != 0 ? "true" : "false",
        _ => "",
    };

    /// <summary>A matcher's `==`, as JavaScript's: a text also equals the number it spells, true equals 1. NaN equals nothing.</summary>
    internal bool IsLike(in PolicyValue other) => Kind == other.Kind
        ? !double.IsNaN(number) && Equals(other)
        : TryNumber(out var a) && other.TryNumber(out var b) && a == b;

    /// <summary>A matcher's `===`, and `in`: kinds must be the same. NaN equals nothing.</summary>
    internal bool IsSame(in PolicyValue other) => !double.IsNaN(number) && Equals(other);

    /// <summary>True when it holds a text, a number or a truth value.</summary>
    internal bool IsScalar => Kind is PolicyValueKind.Text or PolicyValueKind.Number or PolicyValueKind.Boolean;

    /// <summary>What `&amp;&amp;`, `||`, `!` and a matcher's answer take it for: as in Casbin, 0 and the empty text are false.</summary>
    internal bool IsTrue => Kind is PolicyValueKind.Text ? ((string)reference!).Length > 0 : number != 0 && !double.IsNaN(number);

    /// <summary>The number it holds or spells.</summary>
    internal bool TryNumber(out double value)
    {
        switch (Kind)
        {
            case PolicyValueKind.Number or PolicyValueKind.Boolean:
                value = number;
                return true;
            case PolicyValueKind.Text:
                // .NET overlooks null characters behind a number.
                return double.TryParse((string)reference!, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && !((string)reference!).EndsWith('\0');
            default:
                value = 0;
                return false;
        }
    }
}
