using System.Buffers.Text;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Exchange.Server.Identity.Users;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>Makes access tokens: JWT by RFC 9068 section 2, ES256.</summary>
internal sealed class AccessTokenIssuer(HubOptions options, HubAddresses addresses, SigningKeys keys, TimeProvider time)
{
    /// <summary>The media type of access tokens (RFC 9068 section 2.1); no other kind of JWT is taken for one.</summary>
    public const string TokenType = "at+jwt";

    /// <summary>What the client proved itself with, see <see cref="ClientCredentials"/>.</summary>
    public const string CredentialClaim = "credential";

    /// <summary>What the token is bound to (RFC 7800).</summary>
    public const string ConfirmationClaim = "cnf";

    /// <summary>The certificate's thumbprint in it (RFC 8705 section 3.1).</summary>
    public const string ConfirmationMember = "x5t#S256";

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Binds a token to a certificate (RFC 8705 section 3.1).</summary>
    public static Dictionary<string, string> Confirmation(string thumbprint) => new() { [ConfirmationMember] = thumbprint };

    /// <summary>A token for the client as it is registered now, good as long as what it proved itself with is.</summary>
    public string Issue(AuthenticatedClient authenticated)
    {
        var client = authenticated.Registration;
        var claims = new Dictionary<string, object> { [CredentialClaim] = authenticated.Credential };
        if (authenticated.Certificate is { } certificate)
        {
            claims[ConfirmationClaim] = Confirmation(certificate);
        }

        return Issue(new Caller(client.Department, client.Id, client.Role), options.AccessTokenLifetime, claims);
    }

    /// <summary>A token for a session of the user.</summary>
    public string Issue(User user, SessionId session, TimeSpan lifetime) => Issue(user.Caller, lifetime, new Dictionary<string, object> { ["sid"] = session.ToString() });

    private string Issue(Caller caller, TimeSpan lifetime, Dictionary<string, object> claims)
    {
        var now = time.GetUtcNow().UtcDateTime;
        claims["sub"] = caller.Client.Value;
        claims["client_id"] = caller.Client.Value;
        claims["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        claims["department"] = caller.Department.Value;
        claims["role"] = RoleNames.ToText(caller.Role);
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = TokenType,
            Issuer = addresses.Issuer,
            Audience = options.Audience,
            IssuedAt = now,
            Expires = now + lifetime,
            Claims = claims,
            SigningCredentials = keys.Signing.Credentials,
        });
    }
}
