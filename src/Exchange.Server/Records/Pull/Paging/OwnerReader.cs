using System.Text;
using Exchange.Server.Audit;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>Tells who owns shown fields of a result row. Not for concurrent use.</summary>
internal sealed class OwnerReader(PullShape shape, OwnerNumbers numbers)
{
    // Twice the longest id of a department.
    private const int MostBytes = 80;

    // Rows of one owner often follow each other.
    private readonly (byte[] Text, int Number)[] last = [.. shape.Owners.Rules.Select(_ => (Array.Empty<byte>(), OwnerNumbers.Nobody))];

    /// <summary>True when fields have owners that depend on the row.</summary>
    public bool IsAsked => last.Length > 0;

    /// <summary>The owners of those fields of the row that have a value in it.</summary>
    public OwnerSet Of(SubjectRow row)
    {
        var set = default(OwnerSet);
        for (var rule = 0; rule < last.Length; rule++)
        {
            if (!row.IsNull(shape.OwnerOrdinals[rule]) && HasValue(row, rule))
            {
                set = set.With(rule, NumberOf(row.Bytes(shape.OwnerOrdinals[rule]), ref last[rule]));
            }
        }

        return set;
    }

    private bool HasValue(SubjectRow row, int rule)
    {
        foreach (var ordinal in shape.OwnedOrdinals[rule])
        {
            if (!row.IsNull(ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private int NumberOf(ReadOnlySpan<byte> text, ref (byte[] Text, int Number) known)
    {
        if (text.Length > MostBytes)
        {
            return OwnerNumbers.Nobody;
        }

        if (!text.SequenceEqual(known.Text))
        {
            Span<char> department = stackalloc char[MostBytes];
            known = (text.ToArray(), numbers.Of(department[..Encoding.UTF8.GetChars(text, department)]));
        }

        return known.Number;
    }
}
