namespace Exchange.Policy.Conditions;

/// <summary>
/// Order of texts by their UTF-8 bytes, which is the order of code points: the same as <c>COLLATE "C"</c> in the store.
/// UTF-16 order differs where surrogate pairs meet U+E000 to U+FFFF.
/// </summary>
public static class Utf8Order
{
    /// <summary>Less than, equal to or greater than zero as the first text comes before, equals or comes after the second.</summary>
    public static int Compare(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return Rank(left[common]).CompareTo(Rank(right[common]));
    }

    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x1_0000 : unit;
}
