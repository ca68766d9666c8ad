using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;

namespace Exchange.Server.Feed;

/// <summary>
/// What a reader asked for, in 16 bytes: resource, fields (in any order), filter and purpose. A pull and a follow of the same have the same one, so
/// that a follow goes on from a pull's checkpoint.
/// </summary>
internal static class ReadFingerprint
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>The fingerprint. The filter is taken as it was written; no field stands for all of them.</summary>
    public static byte[] Compute(ResourceId resource, IEnumerable<string> fields, string filter, Purpose purpose, string orderBy = "")
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, resource.Value);
        Append(hash, $"{(int)purpose}");
        Append(hash, filter);
        Append(hash, orderBy);
        foreach (var field in fields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            Append(hash, field);
        }

        return hash.GetHashAndReset()[..SizeBytes];
    }

    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
