using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Exchange.Server.Identity;

/// <summary>
/// A certificate revocation list (RFC 5280 section 5). Its signature is not looked at: the file is the operator's, as that of the authorities is. One with a critical
/// extension, which would narrow what it is about, is refused.
/// </summary>
internal sealed class RevocationList
{
    private const string Label = "X509 CRL";

    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0);

    private readonly byte[] issuer;
    private readonly FrozenSet<string> serials;

    private RevocationList(byte[] issuer, DateTimeOffset nextUpdate, FrozenSet<string> serials)
    {
        this.issuer = issuer;
        this.serials = serials;
        NextUpdate = nextUpdate;
    }

    /// <summary>Until when it is good.</summary>
    public DateTimeOffset NextUpdate { get; }

    /// <summary>The lists of a PEM text. Throws <see cref="CryptographicException"/> when there is none, or one that cannot be read.</summary>
    public static IReadOnlyList<RevocationList> ReadAll(string pem)
    {
        var lists = new List<RevocationList>();
        for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            if (rest[found.Label] is Label)
            {
                lists.Add(Read(Convert.FromBase64String(rest[found.Base64Data].ToString())));
            }
        }

        return lists.Count > 0 ? lists : throw new CryptographicException($"it holds no `{Label}`");
    }

    /// <summary>True when the list is of the certificate's issuer.</summary>
    public bool IsOf(X509Certificate2 certificate) => certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer);

    /// <summary>True when the certificate, which is of this list's issuer, is on it.</summary>
    public bool Revokes(X509Certificate2 certificate) => serials.Contains(certificate.SerialNumber.TrimStart('0'));

    private static RevocationList Read(byte[] der)
    {
        try
        {
            var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            {
                list.ReadInteger();
            }

            list.ReadSequence();
            var issuer = list.ReadEncodedValue().ToArray();
            ReadTime(list);
            if (!IsTime(list))
            {
                throw new CryptographicException("a revocation list does not say when the next one comes");
            }

            var nextUpdate = ReadTime(list);
            var serials = new HashSet<string>(StringComparer.Ordinal);
            if (list.HasData && list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                for (var entries = list.ReadSequence(); entries.HasData;)
                {
                    serials.Add(Convert.ToHexString(entries.ReadSequence().ReadIntegerBytes().Span).TrimStart('0'));
                }
            }

            if (list.HasData && HasCritical(list.ReadSequence(Extensions).ReadSequence()))
            {
                throw new CryptographicException("a revocation list has a critical extension; give whole lists");
            }

            return new RevocationList(issuer, nextUpdate, serials.ToFrozenSet(StringComparer.Ordinal));
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("a revocation list is not one of RFC 5280", e);
        }
    }

    private static bool HasCritical(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean())
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTime(AsnReader list) =>
        list.HasData && (list.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || list.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

    private static DateTimeOffset ReadTime(AsnReader list) => list.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? list.ReadUtcTime() : list.ReadGeneralizedTime();
}
