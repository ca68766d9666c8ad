namespace Exchange.Catalog;

/// <summary>A machine that acts for a department, as registered.</summary>
public sealed record ClientRegistration
{
    /// <summary>Its id, unique in the hub.</summary>
    public required ClientId Id { get; init; }

    /// <summary>Department it acts for.</summary>
    public required DepartmentId Department { get; init; }

    /// <summary>What it is, at most 200 characters.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>How it proves who it is.</summary>
    public required ClientAuthentication Authentication { get; init; }

    /// <summary>For <see cref="ClientAuthentication.PrivateKeyJwt"/>: its public keys as one JWK set, see <see cref="PublicKeySet"/>; else empty.</summary>
    public string Jwks { get; init; } = "";

    /// <summary>For <see cref="ClientAuthentication.ClientSecret"/>: the secret's PBKDF2 hash with its parameters; else empty.</summary>
    public string SecretHash { get; init; } = "";

    /// <summary>What it may do.</summary>
    public required Role Role { get; init; }

    /// <summary>When it was registered.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>When it was disabled; null while it may act.</summary>
    public DateTimeOffset? DisableTime { get; init; }

    /// <summary>True once it may no longer act.</summary>
    public bool IsDisabled => DisableTime is not null;
}
