namespace Exchange.Server.Records.Deciding;

/// <summary>Memory for many small payloads that live as long as one transaction: a few blocks instead of an array each.</summary>
internal sealed class PayloadArena
{
    // Below the size from which objects are kept in a heap that is seldom collected.
    private const int BlockBytes = 64 * 1024;

    private byte[] block = [];
    private int used;

    /// <summary>A copy of the bytes.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BlockBytes / 4)
        {
            return bytes.ToArray();
        }

        if (block.Length - used < bytes.Length)
        {
            block = new byte[BlockBytes];
            used = 0;
        }

        bytes.CopyTo(block.AsSpan(used));
        var kept = block.AsMemory(used, bytes.Length);
        used += bytes.Length;
        return kept;
    }
}
