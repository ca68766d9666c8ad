using System.Collections.Frozen;
using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>What makes a list of fields publishable.</summary>
internal static class FieldRules
{
    private const int LargestNumber = 9_999;

    // Columns of every subject table but `opened_position`, which came later than fields that may be called so; the conditions' system attributes and words;
    // and PostgreSQL's own column names.
    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        [
            "partition", "record_id", "version", "position", "create_time", "update_time", "opener_department", "source_system", "source_id",
            "source_versions", "search", "true", "false", "null", "and", "or", "not",
            "tableoid", "ctid", "xmin", "xmax", "cmin", "cmax",
        ],
        StringComparer.Ordinal);

    /// <summary>A text field without a length gets the default one.</summary>
    internal static FieldDefinition Normalise(FieldDefinition field) =>
        field is { Type: FieldType.Text, MaxLength: 0 } ? field with { MaxLength = FieldDefinition.DefaultTextLength } : field;

    /// <summary>Adds what is wrong with any of the fields, with its place in the request.</summary>
    internal static void Check(GovernanceState state, ImmutableArray<FieldDefinition> fields, List<FieldViolation> violations)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<int> numbers = [];
        var flags = 0;
        foreach (var (index, field) in fields.Index())
        {
            var check = new FieldCheck(state, fields, field, $"resource.fields[{index}]", violations);
            check.Name(names, Reserved);
            check.Number(numbers, LargestNumber);
            check.Type();
            check.Owner();
            check.Classes();
            QualityRules.Check(state, fields, field, check.Add);
            if (field.Role is FieldRole.ConfidentialityFlag && flags++ > 0)
            {
                check.Add("role", "DUPLICATE", "a resource has one confidentiality flag at most");
            }
        }
    }
}
