using System.Collections.Concurrent;
using Exchange.Catalog;
using Exchange.Server.Governance;

namespace Exchange.Server.Audit;

/// <summary>
/// Small numbers for departments, so that a read can count whose rows it shows without a text for each. They count on this node until it ends.
/// Thread-safe.
/// </summary>
internal sealed class OwnerNumbers
{
    /// <summary>Stands for no department that the hub knows.</summary>
    public const int Nobody = 0;

    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> spans;
    private readonly ConcurrentDictionary<int, DepartmentId> departments = new();
    private readonly GovernanceStore governance;

    /// <summary>Numbers of the departments that governance knows.</summary>
    public OwnerNumbers(GovernanceStore governance)
    {
        this.governance = governance;
        spans = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The number of a department; <see cref="Nobody"/> for any other text: a record may name somebody who is none.</summary>
    public int Of(ReadOnlySpan<char> department)
    {
        if (spans.TryGetValue(department, out var known))
        {
            return known;
        }

        var text = department.ToString();
        if (!governance.Current.Departments.ContainsKey(text))
        {
            return Nobody;
        }

        lock (gate)
        {
            if (numbers.TryGetValue(text, out known))
            {
                return known;
            }

            var next = numbers.Count + 1;
            departments[next] = new DepartmentId(text);
            numbers[text] = next;
            return next;
        }
    }

    /// <summary>The department of a number that was given.</summary>
    public DepartmentId DepartmentOf(int number) => departments[number];
}
