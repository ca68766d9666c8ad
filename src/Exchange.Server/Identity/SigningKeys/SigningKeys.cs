using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.EventStore.Sealing;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>
/// The hub's signing keys as this node knows them, opened. A key counts only if its private half opens under the hub key and is that of the public one:
/// whoever can write to the database alone cannot add one.
/// </summary>
internal sealed class SigningKeys(GovernanceStore governance, HubSecrets secrets, TimeProvider time)
{
    private const string Use = "signing-keys";

    private readonly Lazy<byte[]> sealingKey = new(() => secrets.Derive(Use));
    private volatile OpenedRing opened = new(SigningKeyRing.Empty, FrozenDictionary<string, OpenedKey>.Empty);

    /// <summary>The key that signs now. Throws <see cref="CryptographicException"/> when it does not open.</summary>
    public SigningKey Signing
    {
        get
        {
            var (ring, keys) = Newest();
            var signing = ring.Signing(time.GetUtcNow()) ?? throw new InvalidOperationException("the hub has no signing key yet");
            return keys.TryGetValue(signing.Id, out var key)
                ? key.Key
                : throw new CryptographicException($"signing key `{signing.Id}` does not open: give the hub key that the store's keys were sealed under");
        }
    }

    /// <summary>The public halves of the keys that are accepted now or sign soon, as a JWK set (RFC 7517).</summary>
    public string PublicSet
    {
        get
        {
            var (ring, keys) = Newest();
            return WebKeys.PublicSet(ring.Accepted(time.GetUtcNow()).Where(key => keys.ContainsKey(key.Id)).Select(key => keys[key.Id].Key.Jwk));
        }
    }

    /// <summary>The key of this id if its signatures are accepted now; else null.</summary>
    public SecurityKey? FindAccepted(string id) => Newest().Keys.TryGetValue(id, out var key) && !key.IsEnded && !(key.AcceptUntil <= time.GetUtcNow()) ? key.Key.Jwk : null;

    /// <summary>The key of this id, however old; null when the hub never had it.</summary>
    public SecurityKey? FindEver(string id) => Newest().Keys.GetValueOrDefault(id)?.Key.Jwk;

    /// <summary>The key for the log, its private half sealed.</summary>
    public TokenSigningKey Seal(SigningKey key)
    {
        using var pair = WebKeys.ToECDsa(key.Jwk);
        return new()
        {
            Id = key.Id,
            PublicJwk = WebKeys.PublicJwk(key.Jwk),
            SealedPrivateKey = SealedBytes.Seal(sealingKey.Value, pair.ExportPkcs8PrivateKey(), Encoding.UTF8.GetBytes(key.Id)),
        };
    }

    private OpenedRing Newest()
    {
        var ring = governance.Current.SigningKeys;
        var known = opened;
        if (!ReferenceEquals(known.Ring, ring))
        {
            opened = known = new(ring, ring.Keys
                .Select(key => (Key: Open(key), AcceptUntil: ring.AcceptUntil(key), IsEnded: ring.IsEnded(key)))
                .Where(key => key.Key is not null)
                .ToFrozenDictionary(key => key.Key!.Id, key => new OpenedKey(key.Key!, key.AcceptUntil, key.IsEnded)));
        }

        return known;
    }

    private SigningKey? Open(TokenSigningKey key)
    {
        if (opened.Keys.TryGetValue(key.Id, out var known))
        {
            return known.Key;
        }

        try
        {
            // The public half follows from the private one: what the log says of it is for readers, and is not believed.
            using var pair = ECDsa.Create();
            pair.ImportPkcs8PrivateKey(SealedBytes.Open(sealingKey.Value, key.SealedPrivateKey.Span, Encoding.UTF8.GetBytes(key.Id)), out _);
            var jwk = WebKeys.Of(pair.ExportParameters(includePrivateParameters: true));
            return jwk.Kid == key.Id ? new SigningKey(jwk) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private sealed record OpenedRing(SigningKeyRing Ring, FrozenDictionary<string, OpenedKey> Keys);

    private sealed record OpenedKey(SigningKey Key, DateTimeOffset? AcceptUntil, bool IsEnded);
}
