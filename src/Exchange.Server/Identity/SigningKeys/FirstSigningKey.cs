namespace Exchange.Server.Identity;

/// <summary>The key that a hub without signing keys begins with; null when it makes one.</summary>
internal sealed record FirstSigningKey(SigningKey? Key);
