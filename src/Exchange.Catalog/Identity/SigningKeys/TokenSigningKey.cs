namespace Exchange.Catalog;

/// <summary>A key pair of the hub that signs access tokens and exported heads, as the log keeps it.</summary>
public sealed record TokenSigningKey
{
    /// <summary>Its <c>kid</c>: the thumbprint of the public half (RFC 7638).</summary>
    public required string Id { get; init; }

    /// <summary>The public half as a JWK (RFC 7517), EC on P-256.</summary>
    public required string PublicJwk { get; init; }

    /// <summary>The private half, sealed under a key derived from the hub key: of no use to whoever has the database alone.</summary>
    public required ReadOnlyMemory<byte> SealedPrivateKey { get; init; }

    /// <summary>When it was added and first published.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>From when it signs, unless one added later does; where it ends older keys, when it was added.</summary>
    public DateTimeOffset SignTime { get; init; }

    /// <summary>True when it signs and older keys are no longer accepted as soon as it is known: one of them has leaked.</summary>
    public bool EndsOlder { get; init; }
}
