using System.Text;

namespace Exchange.Server.Audit;

/// <summary>Numbers of departments from the bytes of their ids, for rows that follow each other. Not for concurrent use.</summary>
/// <param name="owners">The rules of the rows.</param>
/// <param name="numbers">Numbers of departments.</param>
internal sealed class OwnerTexts(RowOwners owners, OwnerNumbers numbers)
{
    // Twice the longest id of a department.
    private const int MostBytes = 80;

    // Rows of one owner often follow each other.
    private readonly (byte[] Text, int Number)[] last = [.. owners.Rules.Select(_ => (Array.Empty<byte>(), OwnerNumbers.Nobody))];

    /// <summary>The number of the department that a rule finds in a row, as UTF-8.</summary>
    public int NumberOf(int rule, ReadOnlySpan<byte> text)
    {
        if (text.Length > MostBytes)
        {
            return OwnerNumbers.Nobody;
        }

        ref var known = ref last[rule];
        if (!text.SequenceEqual(known.Text))
        {
            Span<char> department = stackalloc char[MostBytes];
            known = (text.ToArray(), numbers.Of(department[..Encoding.UTF8.GetChars(text, department)]));
        }

        return known.Number;
    }
}
