using System.Collections.Immutable;

namespace Exchange.Policy.Language;

/// <summary>The rows of a policy in their order. Immutable: a change makes a new one.</summary>
public sealed class PolicyRules
{
    private PolicyRules(ImmutableArray<PolicyRule> rows) => Rows = rows;

    /// <summary>A policy without rules.</summary>
    public static PolicyRules Empty { get; } = new([]);

    /// <summary>All rows, of every type, in the order of the policy.</summary>
    public ImmutableArray<PolicyRule> Rows { get; }

    /// <summary>Reads a policy file in Casbin's CSV form.</summary>
    public static PolicyResult<PolicyRules> Parse(string text) => PolicyResult<PolicyRules>.From(() => new(PolicyCsv.Read(text)));

    /// <summary>A policy of these rows. Values lose the blanks around them, as they do in a file.</summary>
    public static PolicyRules Of(IEnumerable<PolicyRule> rows) => new([.. rows.Select(Trim)]);

    /// <summary>This policy with rows added at the end; rows it has already are left out.</summary>
    public PolicyRules Add(IEnumerable<PolicyRule> rows)
    {
        var known = Rows.ToHashSet();
        return new([.. Rows, .. rows.Select(Trim).Where(known.Add)]);
    }

    /// <summary>This policy without the given rows.</summary>
    public PolicyRules Remove(IEnumerable<PolicyRule> rows)
    {
        var gone = rows.Select(Trim).ToHashSet();
        return new([.. Rows.Where(row => !gone.Contains(row))]);
    }

    private static PolicyRule Trim(PolicyRule row) => row.Values.All(static value => value.AsSpan().Trim().Length == value.Length)
        ? row
        : row with { Values = [.. row.Values.Select(static value => value.Trim())] };
}
