using System.Security.Cryptography;
using System.Text;

namespace Exchange.Server.Hosting;

/// <summary>
/// Keys of single uses, derived from the hub key (HKDF-SHA-256, RFC 5869), so that every node has the same ones and there is one file to keep. The
/// file is there once the event log was opened.
/// </summary>
internal sealed class HubSecrets(HubOptions options)
{
    /// <summary>Bytes of a derived key.</summary>
    public const int KeyBytes = 32;

    private readonly Lazy<byte[]> hubKey = new(() => Read(options));

    /// <summary>The key of one use. A use's name never changes: what was made with its key would not be known again.</summary>
    public byte[] Derive(string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, hubKey.Value, KeyBytes, info: Encoding.UTF8.GetBytes($"exchange/{use}"));

    private static byte[] Read(HubOptions options)
    {
        var key = new byte[KeyBytes];
        var file = options.HubKeyFile ?? Path.Combine(options.DataDirectory, "hub-key");
        return Convert.TryFromBase64String(PrivateFile.Read(file, options.Unsafe).Trim(), key, out var written) && written == key.Length
            ? key
            : throw new HubStartException($"the hub key file `{file}` does not hold {KeyBytes} bytes as base64");
    }
}
