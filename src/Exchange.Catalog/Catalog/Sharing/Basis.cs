namespace Exchange.Catalog;

/// <summary>Why something is shared so, or not (依据).</summary>
/// <param name="Kind">Kind; unspecified when no basis is given.</param>
/// <param name="Text">Which law, document or reason, 1 to 1 000 characters; empty when no basis is given.</param>
public readonly record struct Basis(BasisKind Kind, string Text)
{
    /// <summary>True when none is given.</summary>
    public bool IsNone => Kind is BasisKind.Unspecified && Text.Length is 0;

    /// <summary>Which law, document or reason.</summary>
    public string Text { get => field ?? ""; init; } = Text;

    /// <inheritdoc/>
    public bool Equals(Basis other) => Kind == other.Kind && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Text);
}
