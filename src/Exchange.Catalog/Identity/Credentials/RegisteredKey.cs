namespace Exchange.Catalog;

/// <summary>One of the public keys or certificates that a client proves itself with.</summary>
public sealed record RegisteredKey
{
    /// <summary>The key's thumbprint (RFC 7638), or the certificate's (SHA-256, `x5t#S256` of RFC 8705): 43 characters in base64url, unique within the client.</summary>
    public required string Id { get; init; }

    /// <summary>For <see cref="ClientAuthentication.PrivateKeyJwt"/>; else null.</summary>
    public PublicKey? PublicKey { get; init; }

    /// <summary>For <see cref="ClientAuthentication.SelfSignedTls"/>: the certificate in PEM; else empty.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>From when it proves nothing any more; null for never.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>True until it expires.</summary>
    public bool IsGood(DateTimeOffset now) => !(ExpireTime <= now);
}
