namespace Exchange.Catalog;

/// <summary>Names a client (machine), unique in the hub: 2 to 60 of `a-z 0-9 -`, starting with a letter. The OAuth `client_id`.</summary>
public readonly record struct ClientId(string Value)
{
    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 60, "-");

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
