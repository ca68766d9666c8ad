using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Identity;

/// <summary>Makes access tokens: JWT by RFC 9068, ES256.</summary>
internal sealed class AccessTokenIssuer(HubOptions options, HubAddresses addresses, SigningKey key, TimeProvider time)
{
    /// <summary>The media type of access tokens; no other kind of JWT is taken for one.</summary>
    public const string TokenType = "at+jwt";

    private readonly byte[] header = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["typ"] = TokenType, ["alg"] = "ES256", ["kid"] = key.Id });

    /// <summary>A token for the client as it is registered now.</summary>
    public string Issue(ClientRegistration client)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return key.Sign(header, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["iss"] = addresses.Issuer,
            ["aud"] = options.Audience,
            ["sub"] = client.Id.Value,
            ["client_id"] = client.Id.Value,
            ["jti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            ["iat"] = now,
            ["exp"] = now + (long)options.AccessTokenLifetime.TotalSeconds,
            ["department"] = client.Department.Value,
            ["role"] = RoleNames.ToText(client.Role),
        }));
    }
}
