using System.Security.Cryptography;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>
/// What the hub remembers of a batch's content for as long as its idempotency key: a keyed hash, so that nobody finds personal values out by guessing
/// who has the log but not the hub's key.
/// </summary>
internal sealed class PushFingerprint(byte[] key)
{
    /// <summary>Use that the key is derived for.</summary>
    public const string Use = "push-fingerprint";

    /// <summary>HMAC-SHA-256 of the content, not of the bytes on the wire: another encoder of the same content gives the same.</summary>
    public byte[] Of(Proto.PushHeader header, BatchContent batch)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(header.ToByteArray());
        hash.AppendData(batch.Bytes);
        return hash.GetHashAndReset();
    }
}
