using Exchange.Catalog;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Identity.Registry;

/// <summary>Turns clients' keys and certificates into messages and back.</summary>
internal static class RegisteredKeyMap
{
    /// <summary>The name of a client's key.</summary>
    public static string NameOf(ClientRegistration client, string key) => $"{ClientMap.NameOf(client)}/keys/{key}";

    /// <summary>The key as a message.</summary>
    public static Proto.RegisteredKey ToProto(this RegisteredKey key, ClientRegistration client)
    {
        var message = new Proto.RegisteredKey
        {
            Name = NameOf(client, key.Id),
            CreateTime = Timestamp.FromDateTimeOffset(key.CreateTime),
            ExpireTime = Timestamps.Write(key.ExpireTime),
        };
        if (key.PublicKey is { } publicKey)
        {
            message.Jwk = publicKey.ToJwk();
        }
        else
        {
            message.Certificate = key.Certificate;
        }

        return message;
    }

    /// <summary>A stored key.</summary>
    public static RegisteredKey FromStored(Proto.RegisteredKey key) => new()
    {
        Id = key.Name[(key.Name.LastIndexOf('/') + 1)..],
        PublicKey = key.Jwk.Length > 0 ? PublicKeySet.ParseKey(key.Jwk, "jwk").Value : null,
        Certificate = key.Certificate,
        CreateTime = key.CreateTime.ToDateTimeOffset(),
        ExpireTime = key.ExpireTime?.ToDateTimeOffset(),
    };
}
