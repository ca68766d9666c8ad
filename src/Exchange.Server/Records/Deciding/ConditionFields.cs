using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// The fields that row conditions of access plans may look at: those that name owners, the confidentiality flag, and those in the row filters of
/// grants and of policy rows. Record events carry their values before and after, so that a feed knows what enters and leaves a view.
/// </summary>
internal static class ConditionFields
{
    /// <summary>Indexes of these fields, ascending, at one state of governance.</summary>
    public static ImmutableArray<int> Of(GovernanceState state, ResourceDefinition resource)
    {
        var indexes = new SortedSet<int>();
        foreach (var field in resource.Fields)
        {
            if (field.Owner is OwnerRule.DepartmentField named)
            {
                indexes.Add(resource.IndexOf(named.FieldName));
            }
        }

        if (resource.ConfidentialityFlag is { } flag)
        {
            indexes.Add(resource.IndexOf(flag.Number));
        }

        foreach (var grant in state.Grants.Values)
        {
            if (grant.Resource == resource.Id && grant.RevokeTime is null && grant.RowFilter.Length > 0)
            {
                AddFilterFields(indexes, resource, grant.RowFilter);
            }
        }

        foreach (var row in state.PolicyRowsOn(resource))
        {
            // Those on pushing are asked before there is an event.
            if (row.RowFilter.Length > 0 && row.Actions.Any(action => action is not (PolicyAction.Write or PolicyAction.Propose)))
            {
                var schema = new PolicyFilterSchema(resource);
                ConditionParser.Parse(row.RowFilter, schema);
                indexes.UnionWith(schema.Asked.Where(number => number > 0).Select(resource.IndexOf));
            }
        }

        return [.. indexes];
    }

    private static void AddFilterFields(SortedSet<int> indexes, ResourceDefinition resource, string filter)
    {
        if (ConditionParser.Parse(filter, new RowFilterSchema(resource)).Condition is not { } condition)
        {
            // A filter that no longer reads allows nothing: no plan will look at its fields.
            return;
        }

        foreach (var number in ConditionForm.AttributeNumbers(condition))
        {
            if (number > 0)
            {
                indexes.Add(resource.IndexOf(number));
            }
        }
    }
}
