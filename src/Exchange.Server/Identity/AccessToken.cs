using Exchange.Catalog;
using Exchange.Server.Identity.Users;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>A valid access token: who calls, until when.</summary>
/// <param name="Caller">Department, client and role, as registered.</param>
/// <param name="Id">The token's <c>jti</c>.</param>
/// <param name="KeyId">The <c>kid</c> of the signing key.</param>
/// <param name="IssueTime">The token's <c>iat</c>.</param>
/// <param name="ExpireTime">The token's <c>exp</c>.</param>
public sealed record AccessToken(Caller Caller, string Id, string KeyId, DateTimeOffset IssueTime, DateTimeOffset ExpireTime)
{
    /// <summary>What the client proved itself with, see <see cref="ClientCredentials"/>; null for a user's token and for an external one.</summary>
    public string? Credential { get; init; }

    /// <summary>Thumbprint of the TLS certificate that the token is bound to; null when it is bound to none.</summary>
    public string? Certificate { get; init; }

    /// <summary>True for a token of the external issuer.</summary>
    public bool IsExternal => IssuerKey is not null;

    /// <summary>The external issuer's key that signed it; null for a token of the hub.</summary>
    internal SecurityKey? IssuerKey { get; init; }

    /// <summary>A user's session, the token's <c>sid</c>; null for a machine's token.</summary>
    public UserTokenSession? Session { get; init; }
}

/// <summary>The session that a user's token is of.</summary>
/// <param name="User">Whose.</param>
/// <param name="Id">Which.</param>
public sealed record UserTokenSession(UserId User, SessionId Id);
