using System.Globalization;

namespace Exchange.Policy.Matchers;

/// <summary>An address, or a network with the length of its prefix, of IPv4 or IPv6. Reading an address allocates nothing.</summary>
internal static class IpPattern
{
    public static Func<string, bool> Prepare(string pattern)
    {
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? pattern.AsSpan() : pattern.AsSpan(0, slash);
        if (!TryRead(address, out var network, out var bits))
        {
            throw new FormatException($"`{pattern}` is not an address or a network");
        }

        var length = bits;
        if (slash >= 0 && (!int.TryParse(pattern.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            throw new FormatException($"`{pattern}` has no prefix length between 0 and {bits}");
        }

        var mask = length == 0 ? UInt128.Zero : UInt128.MaxValue << (bits - length);
        return text => TryRead(text, out var value, out var textBits) && textBits == bits && ((value ^ network) & mask & (bits == 32 ? uint.MaxValue : UInt128.MaxValue)) == 0;
    }

    /// <summary>Whether a text is an address of either family.</summary>
    public static bool IsAddress(string text) => TryRead(text, out _, out _);

    private static bool TryRead(ReadOnlySpan<char> text, out UInt128 value, out int bits)
    {
        bits = text.Contains(':') ? 128 : 32;
        return bits == 32 ? TryRead4(text, out value) : TryRead6(text, out value);
    }

    private static bool TryRead4(ReadOnlySpan<char> text, out UInt128 value)
    {
        value = 0;
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            if (++parts > 4 || text[range].Length > 3 || !byte.TryParse(text[range], NumberStyles.None, CultureInfo.InvariantCulture, out var part))
            {
                return false;
            }

            value = (value << 8) | part;
        }

        return parts == 4;
    }

    private static bool TryRead6(ReadOnlySpan<char> text, out UInt128 value)
    {
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
        {
            return TryGroups(text, out value, out var all) && all == 8;
        }

        var fits = TryGroups(text[..gap], out var high, out var before) & TryGroups(text[(gap + 2)..], out var low, out var after);
        value = before == 0 ? low : (high << (16 * (8 - before))) | low;
        return fits && before + after < 8;
    }

    private static bool TryGroups(ReadOnlySpan<char> text, out UInt128 value, out int count)
    {
        (value, count) = (0, 0);
        if (text.IsEmpty)
        {
            return true;
        }

        foreach (var range in text.Split(':'))
        {
            var group = text[range];
            if (group.Contains('.') && range.End.GetOffset(text.Length) == text.Length && TryRead4(group, out var tail))
            {
                (value, count) = ((value << 32) | tail, count + 2);
            }
            else if (group.Length is > 0 and <= 4 && ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var part))
            {
                (value, count) = ((value << 16) | part, count + 1);
            }
            else
            {
                return false;
            }
        }

        return count <= 8;
    }
}
