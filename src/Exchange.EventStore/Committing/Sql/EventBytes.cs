using System.Buffers;

namespace Exchange.EventStore.Committing;

/// <summary>Memory for the bytes of a transaction's events: a few rented blocks instead of an array each. Not for concurrent use.</summary>
internal sealed class EventBytes : IDisposable
{
    private const int BlockBytes = 64 * 1024;

    private readonly List<(byte[] Bytes, int Used)> full = [];
    private byte[] block = [];
    private int used;

    /// <summary>Room for so many bytes, until the next <see cref="Keep"/>.</summary>
    public Span<byte> Room(int bytes)
    {
        if (block.Length - used < bytes)
        {
            Put();
            block = ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, bytes));
        }

        return block.AsSpan(used, bytes);
    }

    /// <summary>Keeps the first bytes of the room, until all is given back.</summary>
    public ReadOnlyMemory<byte> Keep(int bytes)
    {
        used += bytes;
        return block.AsMemory(used - bytes, bytes);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Put();
        foreach (var (bytes, written) in full)
        {
            // Personal values do not wait in the pool for whoever comes next.
            bytes.AsSpan(0, written).Clear();
            ArrayPool<byte>.Shared.Return(bytes);
        }

        full.Clear();
    }

    private void Put()
    {
        if (block.Length > 0)
        {
            full.Add((block, used));
            (block, used) = ([], 0);
        }
    }
}
