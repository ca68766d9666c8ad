using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// The newest entries of a history on their way by, oldest first: what does not fit any more falls out at the old end. Never holds more than a page.
/// </summary>
/// <param name="size">Entries at most.</param>
/// <param name="maxBytes">Bytes at most, unless one entry alone has more.</param>
internal sealed class HistoryPage(int size, int maxBytes)
{
    // Tag and length come before each entry.
    private const int Besides = 6;

    private readonly Queue<(Proto.HistoryEntry Entry, int Number, int Bytes)> entries = new();
    private long bytes;

    /// <summary>True when older entries fell out: another page follows.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The entries, newest first, each with its field's number.</summary>
    public IEnumerable<(Proto.HistoryEntry Entry, int Number)> NewestFirst => entries.Reverse().Select(item => (item.Entry, item.Number));

    /// <summary>Adds an entry that is newer than all before.</summary>
    public void Add(Proto.HistoryEntry entry, int number)
    {
        var added = entry.CalculateSize() + Besides;
        entries.Enqueue((entry, number, added));
        bytes += added;
        while (entries.Count > size || (bytes > maxBytes && entries.Count > 1))
        {
            bytes -= entries.Dequeue().Bytes;
            IsCut = true;
        }
    }
}
