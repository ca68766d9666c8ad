using System.Collections.Immutable;

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

    /// <summary>For <see cref="ClientAuthentication.PrivateKeyJwt"/> its public keys, for <see cref="ClientAuthentication.SelfSignedTls"/> its certificates; else none.</summary>
    public ImmutableArray<RegisteredKey> Keys { get; init; } = [];

    /// <summary>For <see cref="ClientAuthentication.Tls"/>: the name its certificate has; else null.</summary>
    public ClientCertificateName? CertificateName { get; init; }

    /// <summary>
    /// True when its tokens are bound to the TLS certificate it gets them with (RFC 8705 section 3): always for the two TLS methods; others may ask for it.
    /// </summary>
    public bool HasBoundTokens { get; init; }

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

    /// <summary>The client with a key added, or replaced in its place.</summary>
    public ClientRegistration With(RegisteredKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return this with { Keys = Keys.Any(other => other.Id == key.Id) ? [.. Keys.Select(other => other.Id == key.Id ? key : other)] : Keys.Add(key) };
    }

    /// <summary>The client without the key of this id.</summary>
    public ClientRegistration Without(string key) => this with { Keys = [.. Keys.Where(other => other.Id != key)] };
}
