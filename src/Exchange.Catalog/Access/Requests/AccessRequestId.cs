namespace Exchange.Catalog;

/// <summary>Names an access request in the hub: a UUID in its canonical lower-case form, which the requester chooses.</summary>
public readonly record struct AccessRequestId(string Value)
{
    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty && id.ToString() == text;

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
