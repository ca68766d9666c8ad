using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Exchange.Server.Tests.Identity;

/// <summary>A JWS put together by hand, right or wrong in any part.</summary>
public sealed record ForgedToken
{
    public required Dictionary<string, object?> Header { get; init; }

    public required Dictionary<string, object?> Claims { get; init; }

    /// <summary>Signs the first two segments.</summary>
    public required Func<byte[], byte[]> Sign { get; init; }

    /// <summary>The token of a text, to be changed and signed again with another key.</summary>
    public static ForgedToken Parse(string token, ECDsa key)
    {
        var segments = token.Split('.');
        return new ForgedToken
        {
            Header = JsonSerializer.Deserialize<Dictionary<string, object?>>(Base64Url.DecodeFromChars(segments[0]))!,
            Claims = JsonSerializer.Deserialize<Dictionary<string, object?>>(Base64Url.DecodeFromChars(segments[1]))!,
            Sign = signed => key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        };
    }

    /// <summary>A header member replaced or, with null, left out.</summary>
    public ForgedToken WithHeader(string name, object? value) => this with { Header = Change(Header, name, value) };

    /// <summary>A claim replaced or, with null, left out.</summary>
    public ForgedToken WithClaim(string name, object? value) => this with { Claims = Change(Claims, name, value) };

    /// <summary>Another signature.</summary>
    public ForgedToken SignedBy(Func<byte[], byte[]> sign) => this with { Sign = sign };

    public override string ToString() => Assemble(JsonSerializer.Serialize(Header), JsonSerializer.Serialize(Claims), Sign);

    /// <summary>A token of texts that need not be JSON.</summary>
    public static string Assemble(string header, string claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static Dictionary<string, object?> Change(Dictionary<string, object?> members, string name, object? value)
    {
        var changed = new Dictionary<string, object?>(members);
        if (value is null)
        {
            changed.Remove(name);
        }
        else
        {
            changed[name] = value;
        }

        return changed;
    }
}
