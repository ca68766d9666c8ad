using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Exchange.Policy.Conditions;

/// <summary>
/// A condition on one row. Two-valued: a comparison with a missing value is false, so <c>NOT a = 1</c> holds where
/// <c>a</c> is missing. Equality is structural. Memory and SQL give the same answers.
/// </summary>
[SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "the language's own words")]
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>Holds for every row.</summary>
    public static Condition Always { get; } = new True();

    /// <summary>Holds for no row.</summary>
    public static Condition Never { get; } = new False();

    /// <summary>The condition in filter syntax.</summary>
    public override string ToString() => ConditionPrinter.Print(this);

    /// <summary>Holds for every row.</summary>
    public sealed record True : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds for no row.</summary>
    public sealed record False : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when all terms do; an empty one holds always.</summary>
    public sealed record And(ImmutableArray<Condition> Terms) : Condition
    {
        /// <inheritdoc/>
        public bool Equals(And? other) => other is not null && Terms.AsSpan().SequenceEqual(other.Terms.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Hash(1, Terms.AsSpan());

        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when one term does; an empty one never holds.</summary>
    public sealed record Or(ImmutableArray<Condition> Terms) : Condition
    {
        /// <inheritdoc/>
        public bool Equals(Or? other) => other is not null && Terms.AsSpan().SequenceEqual(other.Terms.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Hash(2, Terms.AsSpan());

        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when the term does not.</summary>
    public sealed record Not(Condition Term) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Compares an attribute with a literal of its type.</summary>
    public sealed record Compare(AttributeRef Attribute, CompareOp Op, FieldValue Literal) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when the attribute equals one of the literals.</summary>
    public sealed record In(AttributeRef Attribute, ImmutableArray<FieldValue> Literals) : Condition
    {
        /// <inheritdoc/>
        public bool Equals(In? other) =>
            other is not null && Attribute == other.Attribute && Literals.AsSpan().SequenceEqual(other.Literals.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Attribute.Number, Hash(3, Literals.AsSpan()));

        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when the text list contains the text.</summary>
    public sealed record Has(AttributeRef Attribute, string Item) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when the text contains all terms of the phrase (text search).</summary>
    public sealed record Search(AttributeRef Attribute, string Phrase) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    /// <summary>Holds when the attribute has a value.</summary>
    public sealed record Present(AttributeRef Attribute) : Condition
    {
        /// <inheritdoc/>
        public override string ToString() => base.ToString();
    }

    private static int Hash<T>(int seed, ReadOnlySpan<T> items)
    {
        var hash = new HashCode();
        hash.Add(seed);
        foreach (var item in items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}
