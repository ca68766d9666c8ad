using Exchange.Server.Audit;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>Tells who owns shown fields of a result row. Not for concurrent use.</summary>
internal sealed class OwnerReader(PullShape shape, OwnerNumbers numbers)
{
    private readonly OwnerTexts texts = new(shape.Owners, numbers);

    /// <summary>True when fields have owners that depend on the row.</summary>
    public bool IsAsked => shape.OwnerOrdinals.Length > 0;

    /// <summary>The owners of those fields of the row that have a value in it.</summary>
    public OwnerSet Of(SubjectRow row)
    {
        var set = default(OwnerSet);
        for (var rule = 0; rule < shape.OwnerOrdinals.Length; rule++)
        {
            if (!row.IsNull(shape.OwnerOrdinals[rule]) && HasValue(row, rule))
            {
                set = set.With(rule, texts.NumberOf(rule, row.Bytes(shape.OwnerOrdinals[rule])));
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
}
