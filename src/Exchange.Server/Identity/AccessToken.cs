using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>A valid access token: who calls, until when.</summary>
/// <param name="Caller">Department, client and role, as registered.</param>
/// <param name="Id">The token's <c>jti</c>.</param>
/// <param name="KeyId">The <c>kid</c> of the signing key.</param>
/// <param name="Credential">What the client proved itself with.</param>
/// <param name="Certificate">Thumbprint of the TLS certificate that the token is bound to; null when it is bound to none.</param>
/// <param name="IssueTime">The token's <c>iat</c>.</param>
/// <param name="ExpireTime">The token's <c>exp</c>.</param>
public sealed record AccessToken(Caller Caller, string Id, string KeyId, string Credential, string? Certificate, DateTimeOffset IssueTime, DateTimeOffset ExpireTime);
