using System.Security.Cryptography;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>An EC P-256 key pair that signs access tokens and exported heads, ready for use.</summary>
internal sealed class SigningKey(JsonWebKey jwk)
{
    /// <summary>The key's thumbprint (RFC 7638), its <c>kid</c>.</summary>
    public string Id => Jwk.Kid;

    /// <summary>What signs.</summary>
    public SigningCredentials Credentials { get; } = new(jwk, SecurityAlgorithms.EcdsaSha256);

    /// <summary>The key, its private half too: <see cref="WebKeys"/> writes the public one.</summary>
    public JsonWebKey Jwk { get; } = jwk;

    /// <summary>
    /// The key to begin with that the options name, or that an older version of the hub left in the data folder; null when there is none. It is a
    /// complaint that the file cannot be read or holds another kind of key.
    /// </summary>
    public static SigningKey? ReadFile(HubOptions options, StartComplaints complaints)
    {
        var file = options.SigningKeyFile ?? Path.Combine(options.DataDirectory, "signing-key.pem");
        if (options.SigningKeyFile is null && !File.Exists(file))
        {
            return null;
        }

        try
        {
            return PrivateFile.Read(file, complaints) is { } pem ? new SigningKey(ReadPem(pem)) : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            complaints.Add($"`{file}` holds no EC P-256 private key in PEM; make one with `openssl ecparam -name prime256v1 -genkey -noout`");
            return null;
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
