using System.Runtime.CompilerServices;
using Exchange.Protos.Stored.V1;

namespace Exchange.Server.Records.Events;

/// <summary>Fields' values as the bytes in which an event holds them: the inside of an `exchange.v1.Value` each. Not for concurrent use.</summary>
internal sealed class WireValues
{
    /// <summary>Tag of a change's number.</summary>
    public const byte NumberTag = (FieldChange.NumberFieldNumber << 3) | WireBuffer.Varint;

    /// <summary>Tag of a change's value.</summary>
    public const byte ValueTag = (FieldChange.ValueFieldNumber << 3) | WireBuffer.Delimited;

    // Tag and length of a change, tag and number, tag and length of the value.
    private const int HeadBytes = 6;

    private Place[] places = new Place[32];
    private int count;
    private int last;

    // Values that were sealed stand in bytes of their own, behind the others.
    private int sealedFrom;
    private byte[] bytes = [];
    private byte[] opened = [];
    private int offset;

    /// <summary>Goes on to the values of an event.</summary>
    public void Begin(ArraySegment<byte> payload) => (bytes, offset, opened, count, last, sealedFrom) = (payload.Array!, payload.Offset, [], 0, -1, int.MaxValue);

    /// <summary>Goes on to the values that were sealed in it.</summary>
    public void BeginSealed(byte[] plain) => (opened, offset, sealedFrom) = (plain, 0, count);

    /// <summary>Adds the value that stands there.</summary>
    public void Add(int number, int start, int length)
    {
        if (count == places.Length)
        {
            Array.Resize(ref places, count * 2);
        }

        places[count++] = new Place(number, offset + start, length);
    }

    /// <summary>
    /// Adds the changes that stand there one after the other, as far as number and lengths of each take one byte: then the place of every byte is known.
    /// Returns where they end.
    /// </summary>
    /// <param name="payload">All of the bytes.</param>
    /// <param name="at">Where the first one's tag stands.</param>
    /// <param name="tag">The tag.</param>
    public int AddShort(ReadOnlySpan<byte> payload, int at, byte tag)
    {
        while (payload.Length - at >= HeadBytes)
        {
            var head = payload.Slice(at, HeadBytes);
            var (number, length) = (head[3], head[5]);
            if (head[0] != tag || head[1] != length + HeadBytes - 2 || head[1] >= 0x80 || head[2] is not NumberTag || number is 0 or >= 0x80 || head[4] is not ValueTag
                || length > payload.Length - at - HeadBytes)
            {
                break;
            }

            Add(number, at + HeadBytes, length);
            at += HeadBytes + length;
        }

        return at;
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
        inside = new ReadOnlySpan<byte>(found < sealedFrom ? bytes : opened, place.Start, place.Length);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find(int number)
    {
        // Fields are asked for in the order in which they were written, as a rule, and each of them once or twice.
        if ((uint)(last + 1) < (uint)count && places[last + 1].Number == number)
        {
            return ++last;
        }

        return (uint)last < (uint)count && places[last].Number == number ? last : Search(number);
    }

    private int Search(int number)
    {
        for (var index = 0; index < count; index++)
        {
            if (places[index].Number == number)
            {
                return last = index;
            }
        }

        return -1;
    }

    private readonly record struct Place(int Number, int Start, int Length);
}
