using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Exchange.Policy.Conditions;

namespace Exchange.Policy.Masks;

/// <summary>
/// HMAC-SHA-256 of a value's type and canonical text, as 64 hexadecimal digits. TEXT and CODE count as one type; decimals
/// are equal by number.
/// </summary>
internal sealed class KeyedHash(ReadOnlyMemory<byte> key)
{
    private readonly byte[] _key = key.ToArray();

    /// <summary>The hash of a value, of a list's items one by one.</summary>
    public FieldValue Mask(in FieldValue value) => value.Type switch
    {
        FieldType.Unspecified => default,
        FieldType.TextList => FieldValue.TextList(Array.ConvertAll(value.AsTextList, item => Hash(FieldType.Text, item))),
        FieldType.Text or FieldType.Code => FieldValue.Text(Hash(FieldType.Text, value.AsText)),
        FieldType.Integer => Number(FieldType.Integer, value.AsInteger),
        FieldType.Decimal => Number(FieldType.Decimal, value.AsDecimal / 1.000000000000000000000000000000m), // cuts zeros at the end
        FieldType.Date => Number(FieldType.Date, value.AsDate),
        FieldType.Timestamp => Number(FieldType.Timestamp, value.AsTimestamp),
        _ => throw new System.Diagnostics.UnreachableException($"hash of {value.Type}"),
    };

    private FieldValue Number(FieldType type, IFormattable number) =>
        FieldValue.Text(Hash(type, number.ToString(null, CultureInfo.InvariantCulture)));

    private string Hash(FieldType type, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"exchange/mask/1/{type}/{text}")));
}
