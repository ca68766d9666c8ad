using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace Exchange.Clients.Mapping;

/// <summary>Remembers the ids of a file's rows by hashes: about 50 bytes a row.</summary>
internal sealed class DuplicateRows
{
    private readonly Dictionary<UInt128, (ulong Content, uint Row)> _rows = [];

    /// <summary>The earlier row with the same id; null when there is none, and the row is remembered.</summary>
    public (long Row, bool SameContent)? Add(long row, MappedRecord?[] parts)
    {
        Span<byte> hash = stackalloc byte[32];
        var opener = parts.FirstOrDefault(p => p is { Record.ReferenceCase: Protos.V1.PushedRecord.ReferenceOneofCase.SourceId });
        if (opener is null)
        {
            return null;
        }

        SHA256.HashData(Encoding.UTF8.GetBytes($"{opener.SourceSystem}\n{opener.Record.SourceId}"), hash);
        var id = new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            content.AppendData(part is null ? [0] : part.Record.ToByteArray());
        }

        content.GetHashAndReset(hash);
        var seen = BitConverter.ToUInt64(hash);
        if (_rows.TryGetValue(id, out var first))
        {
            return (first.Row, first.Content == seen);
        }

        _rows.Add(id, (seen, (uint)row));
        return null;
    }
}
