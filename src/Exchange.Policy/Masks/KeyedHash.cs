using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Exchange.Policy.Conditions;

namespace Exchange.Policy.Masks;

/// <summary>
/// HMAC-SHA-256 of a value's type and canonical text, as 64 hexadecimal digits. TEXT and CODE count as one type; decimals
/// are equal by number.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the masks of a plan, which nobody disposes of; the hash's own handle is finalised.")]
internal sealed class KeyedHash(ReadOnlyMemory<byte> key)
{
    private const int MostOnStack = 512;

    private readonly byte[] _key = key.ToArray();

    // Making one takes longer than hashing a value; a second thread makes its own.
    private IncrementalHash? _idle;

    /// <summary>The hash of a value, of a list's items one by one.</summary>
    public FieldValue Mask(in FieldValue value) => value.Type switch
    {
        FieldType.Unspecified => default,
        FieldType.TextList => FieldValue.TextList(Array.ConvertAll(value.AsTextList, item => Hash("Text", item))),
        FieldType.Text or FieldType.Code => FieldValue.Text(Hash("Text", value.AsText)),
        FieldType.Integer => Number("Integer", value.AsInteger),
        FieldType.Decimal => Number("Decimal", value.AsDecimal / 1.000000000000000000000000000000m), // cuts zeros at the end
        FieldType.Date => Number("Date", value.AsDate),
        FieldType.Timestamp => Number("Timestamp", value.AsTimestamp),
        _ => throw new System.Diagnostics.UnreachableException($"hash of {value.Type}"),
    };

    private FieldValue Number(string type, IFormattable number) => FieldValue.Text(Hash(type, number.ToString(null, CultureInfo.InvariantCulture)));

    private string Hash(string type, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount("exchange/mask/1/".Length + type.Length + 1 + text.Length);
        var rented = most > MostOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented is null ? stackalloc byte[MostOnStack] : rented;
        var length = Append(bytes, "exchange/mask/1/", 0);
        length = Append(bytes, type, length);
        length = Append(bytes, "/", length);
        length = Append(bytes, text, length);

        var hash = Interlocked.Exchange(ref _idle, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(bytes[..length]);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        Interlocked.Exchange(ref _idle, hash)?.Dispose();
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return Convert.ToHexStringLower(digest);
    }

    private static int Append(Span<byte> bytes, string text, int at) => at + Encoding.UTF8.GetBytes(text, bytes[at..]);
}
