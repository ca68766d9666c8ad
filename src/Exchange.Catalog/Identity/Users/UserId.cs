namespace Exchange.Catalog;

/// <summary>Names a user (person), unique in the hub: 2 to 60 of `a-z 0-9 -`, starting with a letter.</summary>
public readonly record struct UserId(string Value)
{
    private const string Collection = "users/";

    /// <summary>What stands for the user where a caller's client is told: `users/{user}`, which no client's id can be.</summary>
    public ClientId Client => new(Collection + Value);

    /// <summary>True when the text has an id's shape.</summary>
    public static bool IsValid(string? text) => Syntax.IsId(text, 2, 60, "-");

    /// <summary>The user that a caller's client stands for; null when it is a machine.</summary>
    public static UserId? Of(ClientId client) =>
        client.Value.StartsWith(Collection, StringComparison.Ordinal) && IsValid(client.Value[Collection.Length..]) ? new(client.Value[Collection.Length..]) : null;

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
