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

    /// <summary>Where the hub key is, or will be.</summary>
    public static string FileOf(HubOptions options) => options.HubKeyFile ?? Path.Combine(options.DataDirectory, "hub-key");

    /// <summary>The hub key of its file's text. Throws <see cref="HubStartException"/> when it holds none.</summary>
    public static byte[] Parse(string file, string text)
    {
        var key = new byte[KeyBytes];
        return Convert.TryFromBase64String(text.Trim(), key, out var written) && written == key.Length
            ? key
            : throw new HubStartException($"the hub key file `{file}` does not hold {KeyBytes} bytes as base64");
    }

    private static byte[] Read(HubOptions options) => Parse(FileOf(options), PrivateFile.Read(FileOf(options), options.Unsafe));
}
