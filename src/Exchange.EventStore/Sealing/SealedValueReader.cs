namespace Exchange.EventStore.Sealing;

/// <summary>The data keys of the streams it was loaded for; opens sealed values without further reads.</summary>
public sealed class SealedValueReader
{
    private readonly Dictionary<(int Partition, Guid StreamId), DataKey?> keys;

    internal SealedValueReader(Dictionary<(int Partition, Guid StreamId), DataKey?> keys) => this.keys = keys;

    /// <summary>
    /// Opens a value sealed with <see cref="Appending.AppendContext.Seal"/>; null when the stream's key was destroyed. Throws
    /// <see cref="System.Security.Cryptography.CryptographicException"/> when the bytes are not what was sealed.
    /// </summary>
    public byte[]? Open(int partition, Guid streamId, ReadOnlySpan<byte> sealedBytes) => keys[(partition, streamId)]?.Open(sealedBytes);
}
