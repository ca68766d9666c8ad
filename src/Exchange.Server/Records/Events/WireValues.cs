namespace Exchange.Server.Records.Events;

/// <summary>Fields' values as the bytes in which an event holds them: the inside of an `exchange.v1.Value` each. Not for concurrent use.</summary>
internal sealed class WireValues
{
    private (int Number, ReadOnlyMemory<byte> Inside)[] values = new (int, ReadOnlyMemory<byte>)[32];
    private int count;
    private int last;

    /// <summary>Forgets all of them.</summary>
    public void Clear() => (count, last) = (0, 0);

    /// <summary>Adds one.</summary>
    public void Add(int number, ReadOnlyMemory<byte> inside)
    {
        if (count == values.Length)
        {
            Array.Resize(ref values, count * 2);
        }

        values[count++] = (number, inside);
    }

    /// <summary>True when there is one of that field; one that says that the field has no value any more counts.</summary>
    public bool Has(int number) => TryFind(number, out _);

    /// <summary>The value of a field.</summary>
    public bool TryFind(int number, out ReadOnlyMemory<byte> inside)
    {
        // Fields are asked for in the order in which they were written, as a rule: the search goes on where the last one ended.
        for (var left = count; left > 0; left--, last++)
        {
            last = last < count ? last : 0;
            if (values[last].Number == number)
            {
                inside = values[last].Inside;
                return true;
            }
        }

        inside = default;
        return false;
    }
}
