using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.Catalog;

/// <summary>
/// Names one record across all departments: a name-based UUID (RFC 9562, version 5) of resource, opener's source system
/// and source id, so that a repeated first push makes one record.
/// </summary>
public readonly record struct RecordId(Guid Value)
{
    private const int StackBytes = 512;

    // The namespace is part of every stored id: it never changes.
    private static ReadOnlySpan<byte> Namespace =>
        [0x6f, 0x1d, 0x1f, 0x3c, 0x52, 0xa6, 0x4a, 0x58, 0x9f, 0x0e, 0x2b, 0x7b, 0x00, 0x0c, 0x9e, 0x41];

    /// <summary>The id of the record that this system opened under this number.</summary>
    public static RecordId Create(ResourceId resource, string sourceSystem, string sourceId)
    {
        ArgumentNullException.ThrowIfNull(sourceSystem);
        ArgumentNullException.ThrowIfNull(sourceId);
        // Unambiguous: neither a resource id nor a source system id holds a line feed.
        var most = 16 + Encoding.UTF8.GetMaxByteCount(resource.Value.Length + sourceSystem.Length + sourceId.Length + 2);
        byte[]? rented = most > StackBytes ? ArrayPool<byte>.Shared.Rent(most) : null;
        var name = rented ?? stackalloc byte[StackBytes];
        Namespace.CopyTo(name);
        var length = 16;
        length += Encoding.UTF8.GetBytes(resource.Value, name[length..]);
        name[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(sourceSystem, name[length..]);
        name[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(sourceId, name[length..]);
        var id = FromName(name[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return id;
    }

    /// <summary>The canonical lower-case text.</summary>
    public override string ToString() => Value.ToString("D");

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 9562 section 5.5 makes version 5 of SHA-1; nothing secret rests on it.")]
    private static RecordId FromName(ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[20];
        SHA1.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new RecordId(new Guid(hash[..16], bigEndian: true));
    }
}
