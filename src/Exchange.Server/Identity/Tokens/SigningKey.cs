using System.Security.Cryptography;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>The EC P-256 key that signs access tokens. It lives in a file outside the database and is shared by the nodes of one hub.</summary>
internal sealed class SigningKey
{
    private SigningKey(JsonWebKey key)
    {
        Jwk = key;
        Credentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>The key's thumbprint, its <c>kid</c>.</summary>
    public string Id => Jwk.Kid;

    /// <summary>What signs.</summary>
    public SigningCredentials Credentials { get; }

    /// <summary>The key, its private half too: <see cref="WebKeys"/> writes the public one.</summary>
    public JsonWebKey Jwk { get; }

    /// <summary>Reads the key, or makes it in the data folder the first time. Throws <see cref="HubStartException"/> when the file holds another kind of key.</summary>
    public static SigningKey Open(HubOptions options)
    {
        var standard = Path.Combine(options.DataDirectory, "signing-key.pem");
        var pem = PrivateFile.ReadOrMake(options.SigningKeyFile, standard, options.Unsafe, NewPem);
        try
        {
            return new SigningKey(ReadPem(pem));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new HubStartException(
                $"`{options.SigningKeyFile ?? standard}` holds no EC P-256 private key in PEM; make one with `openssl ecparam -name prime256v1 -genkey -noout`", e);
        }
    }

    /// <summary>A new private key as PEM (PKCS #8).</summary>
    public static string NewPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>The key of a PEM text, its private half too. Throws <see cref="ArgumentException"/> or <see cref="CryptographicException"/> for any other kind.</summary>
    public static JsonWebKey ReadPem(string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        return key.KeySize is 256 && parameters.Curve.Oid.Value is "1.2.840.10045.3.1.7"
            ? WebKeys.Of(parameters)
            : throw new CryptographicException("the key is not on curve P-256");
    }
}
