using System.Buffers.Text;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Server.Identity;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>What section T does to any JWS, be it an access token or a client's assertion: its numbers 1 to 9, 23 and 24.</summary>
[SupportedOSPlatform("linux")]
internal static class Forgery
{
    // The order of the curve's group (FIPS 186-5): as r or s as good as zero.
    private static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    /// <summary>The attacks, each a number, a name and the texts to try instead of a good one, which is signed by a key that the attacker knows the public half of.</summary>
    public static IReadOnlyList<(int Number, string Name, Func<AttackCity, ForgedToken, ECDsa, IEnumerable<string>> Texts)> All { get; } =
    [
        (1, "no algorithm", (_, good, _) => Texts(from name in new[] { "none", "None", "nOnE", "NONE", "" }
            let token = good.WithHeader("alg", name)
            from forged in new[] { token, token.SignedBy(_ => []), token.SignedBy(_ => new byte[64]) }
            select forged).Append(good.WithHeader("alg", null).ToString())),
        (2, "the public key as a secret", (_, good, key) => Texts(from secret in PublicForms(key)
            from name in new[] { "HS256", "ES256" }
            select good.WithHeader("alg", name).SignedBy(signed => HMACSHA256.HashData(secret, signed)))),
        (3, "RS256 and other algorithms", (city, good, key) => Texts(
            good.WithHeader("alg", "RS256"),
            good.WithHeader("alg", "RS256").SignedBy(signed => city.Rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            good.WithHeader("alg", "PS256").SignedBy(signed => city.Rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
            good.SignedBy(signed => city.Rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            good.WithHeader("alg", "ES384").SignedBy(signed => city.P384.SignData(signed, HashAlgorithmName.SHA384)),
            good.WithHeader("alg", "ES512").SignedBy(signed => key.SignData(signed, HashAlgorithmName.SHA512)),
            good.WithHeader("alg", "es256"),
            good.WithHeader("alg", new[] { "ES256" }),
            good.WithHeader("alg", 1))),
        (4, "signatures that are none of ES256", (city, good, key) => Texts(
            good.SignedBy(_ => new byte[64]),
            good.SignedBy(_ => [.. new byte[63], 1]),
            good.SignedBy(_ => [.. Order, .. Order]),
            good.SignedBy(_ => Enumerable.Repeat((byte)0xff, 64).ToArray()),
            good.SignedBy(signed => [.. new byte[32], .. good.Sign(signed)[32..]]),
            good.SignedBy(signed => [.. good.Sign(signed)[..32], .. new byte[32]]),
            good.SignedBy(signed => [.. good.Sign(signed), 0]),
            good.SignedBy(signed => [.. good.Sign(signed), .. good.Sign(signed)]),
            good.SignedBy(signed => good.Sign(signed)[..63]),
            good.SignedBy(signed => key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            good.SignedBy(signed => city.P384.SignData(signed, HashAlgorithmName.SHA256)),
            good.SignedBy(signed => city.P384.SignData(signed, HashAlgorithmName.SHA256)[..64]),
            good.SignedBy(signed => city.Foreign.SignData(signed, HashAlgorithmName.SHA256)))),
        (5, "segments too few, too many, or JSON", (_, good, _) => Segments(good.ToString())),
        (6, "a bit flipped in any byte", (_, good, _) => Flipped(good.ToString())),
        (7, "key ids", (city, good, _) => Texts(from id in OddIds(city)
            from token in new[] { good, good.SignedBy(signed => city.Foreign.SignData(signed, HashAlgorithmName.SHA256)), good.SignedBy(signed => city.Other.Key.SignData(signed, HashAlgorithmName.SHA256)) }
            select token.WithHeader("kid", id)).Append(Text(good, header => header.Replace("{", "{\"kid\":\"first\",\"kid\":\"second\",", StringComparison.Ordinal)))),
        (8, "keys that the header brings", (city, good, _) => Texts(from header in new (string Name, object? Value)[]
            {
                ("jwk", JsonSerializer.Deserialize<object>(WebKeys.PublicJwk(WebKeys.Of(city.Foreign.ExportParameters(includePrivateParameters: false))))), ("jku", "http://127.0.0.1:1/jwks"), ("x5u", "http://127.0.0.1:1/cert"),
                ("x5c", new[] { Convert.ToBase64String(city.OtherCertificate.RawData) }), ("x5t", "AAAA"), ("x5t#S256", "AAAA"),
            }
            from token in new[] { good, good.SignedBy(signed => city.Foreign.SignData(signed, HashAlgorithmName.SHA256)) }
            select token.WithHeader(header.Name, header.Value))),
        (9, "extensions", (_, good, _) => Texts(
            good.WithHeader("crit", new[] { "exp" }),
            good.WithHeader("crit", Array.Empty<string>()),
            good.WithHeader("crit", new[] { "alg" }),
            good.WithHeader("crit", "exp"),
            good.WithHeader("crit", new[] { "b64" }).WithHeader("b64", false),
            good.WithHeader("b64", false),
            good.WithHeader("cty", "JWT"),
            good.WithHeader("x", 1))),
        (23, "encryption and compression", (_, good, _) => Encrypted(good)),
        (24, "claims that are too deep, doubled or of another type", (_, good, _) => Odd(good)),
    ];

    /// <summary>A header or, with the second function, claims that need not be JSON, signed all the same.</summary>
    public static string Text(ForgedToken token, Func<string, string>? header = null, Func<string, string>? claims = null)
    {
        var (headerText, claimsText) = (JsonSerializer.Serialize(token.Header), JsonSerializer.Serialize(token.Claims));
        return ForgedToken.Assemble(header?.Invoke(headerText) ?? headerText, claims?.Invoke(claimsText) ?? claimsText, token.Sign);
    }

    private static IEnumerable<string> Texts(params IEnumerable<ForgedToken> tokens) => tokens.Select(token => token.ToString());

    private static byte[][] PublicForms(ECDsa key)
    {
        var jwk = WebKeys.Of(key.ExportParameters(includePrivateParameters: false));
        var pem = key.ExportSubjectPublicKeyInfoPem();
        return
        [
            Encoding.UTF8.GetBytes(pem), Encoding.UTF8.GetBytes(pem + "\n"), key.ExportSubjectPublicKeyInfo(), Encoding.UTF8.GetBytes(WebKeys.PublicJwk(jwk)),
            Encoding.UTF8.GetBytes(WebKeys.PublicSet(jwk)), [.. key.ExportParameters(false).Q.X!, .. key.ExportParameters(false).Q.Y!], [],
        ];
    }

    private static IEnumerable<string> Segments(string good)
    {
        var parts = good.Split('.');
        var flattened = JsonSerializer.Serialize(new { payload = parts[1], @protected = parts[0], signature = parts[2] });
        var general = JsonSerializer.Serialize(new { payload = parts[1], signatures = new[] { new { @protected = parts[0], signature = parts[2] } } });
        return
        [
            $"{parts[0]}.{parts[1]}", $"{parts[0]}.{parts[1]}.", $"{parts[0]}..{parts[2]}", $".{parts[1]}.{parts[2]}", $"{good}.", $"{good}.{parts[2]}", $".{good}", $"{good}.AAAA",
            good + "=", good + "==", good[..^1], good + "A", good.Replace(".", "..", StringComparison.Ordinal), good.Replace('.', ','), $"{parts[1]}.{parts[0]}.{parts[2]}", flattened, general, "x", "..", "...",
            string.Concat(Enumerable.Repeat(good, 3)), $"{parts[0]}.{parts[1]}.{parts[2]} ,{good}", new string('a', 5_000), $"{parts[0]}.{parts[1]}.{parts[2]}#", $"{parts[0]}.{parts[1]}+.{parts[2]}",
        ];
    }

    // One bit of each byte, another one from byte to byte.
    private static IEnumerable<string> Flipped(string good)
    {
        var parts = good.Split('.');
        for (var part = 0; part < parts.Length; part++)
        {
            var bytes = Base64Url.DecodeFromChars(parts[part]);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] ^= (byte)(1 << (i % 8));
                yield return string.Join('.', parts.Select((text, at) => at == part ? Base64Url.EncodeToString(bytes) : text));
                bytes[i] ^= (byte)(1 << (i % 8));
            }
        }
    }

    private static object?[] OddIds(AttackCity city) =>
    [
        "unknown", "", " ", "../../", "../../../dev/null", "' OR 1=1 --", "a\0b", new string('k', 2_000), new string('k', 10_000 / 4 * 3), 1, true, new[] { "x" }, city.Other.Key.GetHashCode().ToString(System.Globalization.CultureInfo.InvariantCulture),
        new Dictionary<string, string>(), "http://127.0.0.1:1/key", "none",
    ];

    private static IEnumerable<string> Encrypted(ForgedToken good)
    {
        var text = good.ToString();
        var header = Base64Url.EncodeToString("""{"alg":"PBES2-HS256+A128KW","enc":"A128CBC-HS256","p2c":2147483647,"p2s":"AAAAAAAAAAA"}"""u8);
        var direct = Base64Url.EncodeToString("""{"alg":"dir","enc":"A256GCM","zip":"DEF"}"""u8);
        return
        [
            $"{header}.AAAA.AAAAAAAAAAAAAAAA.{text.Split('.')[1]}.AAAAAAAAAAAAAAAAAAAAAA", $"{direct}..AAAAAAAAAAAAAAAA.{text.Split('.')[1]}.AAAAAAAAAAAAAAAAAAAAAA", $"{header}.{text.Split('.')[1]}.{text.Split('.')[2]}",
            .. Texts(
                good.WithHeader("zip", "DEF"),
                good.WithHeader("enc", "A128GCM"),
                good.WithHeader("alg", "PBES2-HS256+A128KW").WithHeader("p2c", int.MaxValue).WithHeader("p2s", "AAAA"),
                good.WithHeader("alg", "dir").WithHeader("enc", "A128GCM"),
                good.WithHeader("alg", "ECDH-ES").WithHeader("epk", new { kty = "EC" })),
            Deflated(good),
        ];
    }

    // A megabyte of zeros in a kilobyte: CVE-2024-21319.
    private static string Deflated(ForgedToken good)
    {
        using var packed = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(packed, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(new byte[1_000_000]);
        }

        var signed = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(good.WithHeader("zip", "DEF").Header))}.{Base64Url.EncodeToString(packed.ToArray())}";
        return $"{signed}.{Base64Url.EncodeToString(good.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static IEnumerable<string> Odd(ForgedToken good)
    {
        foreach (var name in new[] { "iss", "sub", "aud", "exp", "jti" })
        {
            yield return Text(good, claims: claims => claims.Replace("{", $$"""{"{{name}}":{{JsonSerializer.Serialize(good.Claims[name])}},""", StringComparison.Ordinal));
            yield return Text(good, claims: claims => claims.Replace("{", $$"""{"\u00{{(int)name[0]:x2}}{{name[1..]}}":"operator",""", StringComparison.Ordinal));
            foreach (var value in new object[] { true, Array.Empty<string>(), new Dictionary<string, string>(), new[] { good.Claims[name] } })
            {
                yield return good.WithClaim(name, value).ToString();
            }

            yield return Text(good.WithClaim(name, null), claims: claims => claims.Replace("{", $$"""{"{{name}}":null,""", StringComparison.Ordinal));
        }

        foreach (var depth in new[] { 10, 64, 1_000 })
        {
            yield return Text(good, claims: claims => claims.Replace("{", $$"""{"deep":{{new string('[', depth)}}{{new string(']', depth)}},""", StringComparison.Ordinal));
        }

        foreach (var claims in new[] { "", "null", "[]", "{}", "1", "\"x\"", "{", "{\"sub\":\"\\udc00\"}", "\ufeff{}", "{\"exp\":1e400}", new string('[', 1_000) })
        {
            yield return ForgedToken.Assemble(JsonSerializer.Serialize(good.Header), claims, good.Sign);
            yield return ForgedToken.Assemble(claims, JsonSerializer.Serialize(good.Claims), good.Sign);
        }

        // As many claims as a request carries are more than a token has.
        yield return Text(good, claims: claims => claims.Replace("{", "{" + string.Concat(Enumerable.Range(0, 600).Select(i => $"\"c{i}\":{i},")), StringComparison.Ordinal));
    }
}
