using System.Runtime.InteropServices;

namespace Exchange.Server.Records.Events;

/// <summary>Fields' values as the bytes in which an event holds them: the inside of an `exchange.v1.Value` each. Not for concurrent use.</summary>
internal sealed class WireValues
{
    private Place[] places = new Place[32];
    private int count;
    private int last;

    // Values that were sealed stand in bytes of their own, behind the others.
    private int sealedFrom;
    private ArraySegment<byte> bytes;
    private ArraySegment<byte> opened;

    /// <summary>Goes on to the values of an event.</summary>
    public void Begin(ReadOnlyMemory<byte> payload) => (bytes, opened, count, last, sealedFrom) = (Segment(payload), default, 0, 0, int.MaxValue);

    /// <summary>Goes on to the values that were sealed in it.</summary>
    public void BeginSealed(ReadOnlyMemory<byte> plain) => (opened, sealedFrom) = (Segment(plain), count);

    /// <summary>Adds the value that stands there.</summary>
    public void Add(int number, int start, int length)
    {
        if (count == places.Length)
        {
            Array.Resize(ref places, count * 2);
        }

        places[count++] = new Place(number, start, length);
    }

    /// <summary>True when there is one of that field; one that says that the field has no value any more counts.</summary>
    public bool Has(int number) => Find(number) >= 0;

    /// <summary>The value of a field.</summary>
    public bool TryFind(int number, out ReadOnlySpan<byte> inside)
    {
        var found = Find(number);
        if (found < 0)
        {
            inside = default;
            return false;
        }

        ref readonly var place = ref places[found];
        inside = (found < sealedFrom ? bytes : opened).AsSpan(place.Start, place.Length);
        return true;
    }

    private int Find(int number)
    {
        // Fields are asked for in the order in which they were written, as a rule: the search goes on where the last one ended.
        for (var left = count; left > 0; left--, last++)
        {
            last = last < count ? last : 0;
            if (places[last].Number == number)
            {
                return last;
            }
        }

        return -1;
    }

    private static ArraySegment<byte> Segment(ReadOnlyMemory<byte> memory) => MemoryMarshal.TryGetArray(memory, out var segment) ? segment : memory.ToArray();

    private readonly record struct Place(int Number, int Start, int Length);
}
