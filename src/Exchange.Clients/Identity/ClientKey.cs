using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Clients.Identity;

/// <summary>A client's EC P-256 key.</summary>
public sealed class ClientKey
{
    private readonly ECParameters _parameters;
    private readonly string _id;

    private ClientKey(ECParameters parameters)
    {
        _parameters = parameters;
        _id = Base64UrlEncoder.Encode(Jwk().ComputeJwkThumbprint());
    }

    /// <summary>A new key.</summary>
    public static ClientKey Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new ClientKey(key.ExportParameters(includePrivateParameters: true));
    }

    /// <summary>Reads a private key in PEM (PKCS #8 or SEC 1).</summary>
    /// <exception cref="CryptographicException">It is none, or not of curve P-256.</exception>
    public static ClientKey FromPem(string pem)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            var parameters = key.ExportParameters(includePrivateParameters: true);
            return key.KeySize == 256 && parameters.Curve.Oid.Value == "1.2.840.10045.3.1.7"
                ? new ClientKey(parameters)
                : throw new CryptographicException("the key must be of curve P-256; make one with `exchange token new-key FILE`");
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("this is no private key in PEM; make one with `exchange token new-key FILE`", e);
        }
    }

    /// <summary>The private key in PEM (PKCS #8).</summary>
    public string ToPem()
    {
        using var key = ECDsa.Create(_parameters);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>The public key as a JWK set, as clients are registered with.</summary>
    public string ToJwks()
    {
        var jwk = Jwk();
        return JsonSerializer.Serialize(new { keys = new[] { new { kty = "EC", crv = "P-256", x = jwk.X, y = jwk.Y, kid = _id, use = "sig", alg = "ES256" } } });
    }

    /// <summary>RFC 7523 section 3: an assertion good for one minute and one use.</summary>
    internal string SignAssertion(string clientId, string audience, DateTimeOffset now)
    {
        using var key = ECDsa.Create(_parameters);
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = clientId,
            Audience = audience,
            IssuedAt = now.UtcDateTime,
            Expires = now.AddMinutes(1).UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = clientId, ["jti"] = Guid.NewGuid().ToString("N") },
            SigningCredentials = new SigningCredentials(
                new ECDsaSecurityKey(key) { KeyId = _id, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } }, SecurityAlgorithms.EcdsaSha256),
        });
    }

    private JsonWebKey Jwk()
    {
        using var key = ECDsa.Create(new ECParameters { Curve = _parameters.Curve, Q = _parameters.Q });
        return JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(key));
    }
}
