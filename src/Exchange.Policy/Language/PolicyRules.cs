using System.Collections.Immutable;

namespace Exchange.Policy.Language;

/// <summary>The rows of a policy in their order. Immutable: a change makes a new one.</summary>
public sealed class PolicyRules
{
    private PolicyRules(ImmutableArray<PolicyRule> rows) => Rows = rows;

    /// <summary>All rows, of every type, in the order of the policy.</summary>
    public ImmutableArray<PolicyRule> Rows { get; }

    /// <summary>Reads a policy file in Casbin's CSV form.</summary>
    public static PolicyResult<PolicyRules> Parse(string text) => PolicyResult<PolicyRules>.From(() => new(PolicyCsv.Read(text)));

    /// <summary>A policy of these rows. Values lose the blanks around them, as they do in a file.</summary>
    public static PolicyRules Of(IEnumerable<PolicyRule> rows) => new([.. rows.Select(Trim)]);

    private static PolicyRule Trim(PolicyRule row) => row.Values.All(static value => value.AsSpan().Trim().Length == value.Length)
        ? row
        : row with { Values = [.. row.Values.Select(static value => value.Trim())] };
}
