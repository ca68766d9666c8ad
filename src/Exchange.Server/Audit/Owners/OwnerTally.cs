using Exchange.Catalog;

namespace Exchange.Server.Audit;

/// <summary>Counts the rows of one read by the departments that owned shown fields of them. Not for concurrent use.</summary>
internal sealed class OwnerTally(RowOwners owners, OwnerNumbers numbers)
{
    private readonly Dictionary<int, (long Rows, int By)> counts = [];

    /// <summary>The rules by which rows are counted.</summary>
    public RowOwners Owners => owners;

    /// <summary>Counts rows with these owners.</summary>
    public void Add(OwnerSet set, long rows = 1) => Add(set, set, rows);

    /// <summary>Counts rows that had the one owners once and the other ones another time.</summary>
    public void Add(OwnerSet now, OwnerSet then, long rows = 1)
    {
        Span<int> counted = stackalloc int[2 * OwnerSet.MostRules];
        var length = 0;
        for (var place = 0; place < 2 * owners.Rules.Length; place++)
        {
            var rule = place % owners.Rules.Length;
            var number = (place < owners.Rules.Length ? now : then).NumberOf(rule);
            if (number is OwnerNumbers.Nobody)
            {
                continue;
            }

            var isCounted = counted[..length].Contains(number);
            var known = counts.GetValueOrDefault(number);
            counts[number] = (known.Rows + (isCounted ? 0 : rows), known.By | (1 << rule));
            if (!isCounted)
            {
                counted[length++] = number;
            }
        }
    }

    /// <summary>What was counted, in the order of the departments' ids.</summary>
    public IReadOnlyList<OwnerRows> Read() =>
    [
        .. counts
            .Select(count => new OwnerRows(
                numbers.DepartmentOf(count.Key), count.Value.Rows, [.. owners.Rules.Index().Where(rule => (count.Value.By & (1 << rule.Index)) is not 0).Select(rule => rule.Item.By)]))
            .OrderBy(rows => rows.Department.Value, StringComparer.Ordinal),
    ];
}

/// <summary>Rows of which a department owned a shown field, and by which rules.</summary>
internal sealed record OwnerRows(DepartmentId Department, long Rows, IReadOnlyList<string> By);
