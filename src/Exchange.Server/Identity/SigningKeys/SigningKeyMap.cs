using Exchange.Catalog;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Identity;

/// <summary>Turns signing keys into messages and back. The private half, sealed as it is, stays in the log.</summary>
internal static class SigningKeyMap
{
    /// <summary>The key as a message.</summary>
    public static Proto.SigningKey ToProto(this TokenSigningKey key, SigningKeyRing ring, DateTimeOffset now) => new()
    {
        Name = $"signingKeys/{key.Id}",
        PublicJwk = key.PublicJwk,
        CreateTime = Timestamp.FromDateTimeOffset(key.CreateTime),
        SignTime = Timestamp.FromDateTimeOffset(key.SignTime),
        AcceptUntil = Timestamps.Write(ring.AcceptUntil(key)),
        Signing = ring.Signing(now)?.Id == key.Id,
    };

    /// <summary>The key as it is stored.</summary>
    public static SigningKeyAdded ToStored(this TokenSigningKey key) => new()
    {
        Id = key.Id,
        PublicJwk = key.PublicJwk,
        SealedPrivateKey = ByteString.CopyFrom(key.SealedPrivateKey.Span),
        CreateTime = Timestamp.FromDateTimeOffset(key.CreateTime),
        SignTime = Timestamp.FromDateTimeOffset(key.SignTime),
        EndsOlder = key.EndsOlder,
    };

    /// <summary>A stored key.</summary>
    public static TokenSigningKey FromStored(SigningKeyAdded key) => new()
    {
        Id = key.Id,
        PublicJwk = key.PublicJwk,
        SealedPrivateKey = key.SealedPrivateKey.Memory,
        CreateTime = key.CreateTime.ToDateTimeOffset(),
        SignTime = key.SignTime.ToDateTimeOffset(),
        EndsOlder = key.EndsOlder,
    };
}
