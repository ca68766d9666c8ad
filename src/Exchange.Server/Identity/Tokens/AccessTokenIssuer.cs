using System.Buffers.Text;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>Makes access tokens: JWT by RFC 9068 section 2, ES256.</summary>
internal sealed class AccessTokenIssuer(HubOptions options, HubAddresses addresses, SigningKeys keys, TimeProvider time)
{
    /// <summary>The media type of access tokens (RFC 9068 section 2.1); no other kind of JWT is taken for one.</summary>
    public const string TokenType = "at+jwt";

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A token for the client as it is registered now.</summary>
    public string Issue(ClientRegistration client)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = TokenType,
            Issuer = addresses.Issuer,
            Audience = options.Audience,
            IssuedAt = now,
            Expires = now + options.AccessTokenLifetime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = client.Id.Value,
                ["client_id"] = client.Id.Value,
                ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
                ["department"] = client.Department.Value,
                ["role"] = RoleNames.ToText(client.Role),
            },
            SigningCredentials = keys.Signing.Credentials,
        });
    }
}
