namespace Exchange.Catalog.Governance;

/// <summary>Names a change that waits for a second steward: a UUID in its canonical lower-case form.</summary>
public readonly record struct PendingChangeId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
