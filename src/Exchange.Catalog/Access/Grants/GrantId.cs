namespace Exchange.Catalog;

/// <summary>Names a grant in the hub: a UUID in its canonical lower-case form.</summary>
public readonly record struct GrantId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
