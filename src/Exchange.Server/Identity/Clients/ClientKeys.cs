using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>Checks signatures by clients' registered keys. For a client that is not there a key that is nobody's is tried, so that it takes about as long.</summary>
internal sealed class ClientKeys(TimeProvider time)
{
    private static readonly Key[] Nobodys =
        [new("", null, null, WebKeys.New(PublicKeySet.Es256), PublicKeySet.Es256), new("", null, null, WebKeys.New(PublicKeySet.Ps256), PublicKeySet.Ps256)];

    private readonly ConditionalWeakTable<ClientRegistration, IReadOnlyList<Key>> known = [];

    /// <summary>
    /// The id of the client's key that signed it: the one that its header names, or, when it names none, the oldest of the client's for its algorithm, so that a
    /// client goes on when its next key is added. Null when it did not, and for a client that there is not.
    /// </summary>
    public string? Signer(ClientRegistration? client, CompactJws jws)
    {
        var (id, now) = (StrictJson.Text(jws.Header, "kid"), time.GetUtcNow());
        var keys = client is null ? [] : known.GetValue(client, Read);
        var own = keys.FirstOrDefault(key => key.Algorithm == jws.Algorithm && !(key.ExpireTime <= now) && (id is null || key.KeyId == id));
        var key = own ?? Nobodys.FirstOrDefault(key => key.Algorithm == jws.Algorithm);
        return key is not null && jws.IsSignedBy(key.Jwk, key.Algorithm) ? own?.Id : null;
    }

    private static List<Key> Read(ClientRegistration client) =>
        [.. client.Keys.SelectMany<RegisteredKey, Key>(key => key.PublicKey is { } publicKey ? [new(key.Id, publicKey.Id, key.ExpireTime, WebKeys.Of(publicKey), publicKey.Algorithm)] : [])];

    private sealed record Key(string Id, string? KeyId, DateTimeOffset? ExpireTime, JsonWebKey Jwk, string Algorithm);
}
