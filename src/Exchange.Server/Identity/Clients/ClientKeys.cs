using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>Checks signatures by clients' registered keys. For a client that is not there a key that is nobody's is tried, so that it takes about as long.</summary>
internal sealed class ClientKeys
{
    private readonly ConditionalWeakTable<ClientRegistration, IReadOnlyList<Key>> known = [];
    private readonly IReadOnlyList<Key> nobodys = [new(null, WebKeys.New(PublicKeySet.Es256), PublicKeySet.Es256), new(null, WebKeys.New(PublicKeySet.Ps256), PublicKeySet.Ps256)];

    /// <summary>
    /// True when the client's key signed it that its header names, or, when it names none, the only one of the client's for its algorithm. Null is a client that
    /// there is not.
    /// </summary>
    public bool Signed(ClientRegistration? client, CompactJws jws)
    {
        var id = StrictJson.Text(jws.Header, "kid");
        var keys = client is null ? [] : known.GetValue(client, static client => Read(PublicKeySet.Parse(client.Jwks)));
        var (key, isClients) = keys.Where(key => key.Algorithm == jws.Algorithm && (id is null || key.Id == id)).ToList() is [var only]
            ? (only, true)
            : (nobodys.FirstOrDefault(key => key.Algorithm == jws.Algorithm), false);
        return key is not null && jws.IsSignedBy(key.Jwk, key.Algorithm) && isClients;
    }

    private static List<Key> Read(Result<PublicKeySet> set) => set.IsRefused ? [] : [.. set.Value.Keys.Select(key => new Key(key.Id, WebKeys.Of(key), key.Algorithm))];

    private sealed record Key(string? Id, JsonWebKey Jwk, string Algorithm);
}
