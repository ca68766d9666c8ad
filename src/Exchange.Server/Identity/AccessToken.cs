using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>A valid access token: who calls, until when.</summary>
/// <param name="Caller">Department, client and role, as registered.</param>
/// <param name="Id">The token's <c>jti</c>.</param>
/// <param name="KeyId">The <c>kid</c> of the signing key.</param>
/// <param name="IssueTime">The token's <c>iat</c>.</param>
/// <param name="ExpireTime">The token's <c>exp</c>.</param>
public sealed record AccessToken(Caller Caller, string Id, string KeyId, DateTimeOffset IssueTime, DateTimeOffset ExpireTime);
