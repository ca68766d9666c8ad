using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>Checks signatures by clients' registered keys. A wrong key and a client that is not there take as long.</summary>
internal sealed class ClientKeys
{
    private readonly ConditionalWeakTable<ClientRegistration, IReadOnlyList<Key>> known = [];
    private readonly IReadOnlyList<Key> nobodys = Read(PublicKeySet.Parse(WebKeys.PublicSet(WebKeys.New(PublicKeySet.Es256), WebKeys.New(PublicKeySet.Ps256))));

    /// <summary>
    /// True when one of the client's keys signed it: the one its header names, or any when it names none, of those for its algorithm. Null is a client that
    /// there is not.
    /// </summary>
    public bool Signed(ClientRegistration? client, CompactJws jws)
    {
        var id = CompactJws.Text(jws.Header, "kid");
        var keys = (client is null ? [] : known.GetValue(client, static client => Read(PublicKeySet.Parse(client.Jwks))))
            .Where(key => key.Algorithm == jws.Algorithm && (id is null || key.Id == id))
            .ToList();
        if (keys.Count > 0)
        {
            return keys.Any(key => jws.IsSignedBy(key.Jwk, key.Algorithm));
        }

        _ = nobodys.Any(key => jws.IsSignedBy(key.Jwk, key.Algorithm));
        return false;
    }

    private static List<Key> Read(Result<PublicKeySet> set) =>
        set.IsRefused ? [] : [.. set.Value.Keys.Select(key => new Key(key.Id, key.Algorithm, new JsonWebKey(key.Jwk)))];

    private sealed record Key(string? Id, string Algorithm, JsonWebKey Jwk);
}
