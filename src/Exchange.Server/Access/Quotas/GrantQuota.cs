using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Server.Audit;

namespace Exchange.Server.Access.Quotas;

/// <summary>A grant with a quota that a read relies on, and which records count for it.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="CountsEvery">True when every record does: its owner owns a wanted field in all of them, or it is not told whose they are.</param>
/// <param name="Rules">Otherwise those of which one of these of the read's <see cref="RowOwners.Rules"/> names the grant's owner.</param>
internal sealed record GrantQuota(Grant Grant, bool CountsEvery, ImmutableArray<int> Rules)
{
    /// <summary>
    /// The grants with a quota that a plan's rules for some fields name: a field that is shown by other rules too counts all the same, as nothing tells
    /// which of them a reader needed.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="resource">The revision in which the fields have their places: the plan may be a newer one's.</param>
    /// <param name="fields">Places of the wanted fields.</param>
    /// <param name="owners">Who owns them record by record.</param>
    /// <param name="looked">Numbers of what the reader's filter and order look at: whether a record passes tells of values that are not shown.</param>
    public static ImmutableArray<GrantQuota> Of(AccessPlan plan, ResourceDefinition resource, ImmutableArray<int> fields, RowOwners owners, IEnumerable<int> looked)
    {
        var wanted = fields.SelectMany(field => GrantsOf(plan, resource.Fields[field].Number).Select(grant => (Grant: grant, Rule: RuleOf(owners, field))))
            .Concat(looked.Except(fields.Select(field => resource.Fields[field].Number)).SelectMany(number => GrantsOf(plan, number).Select(grant => (Grant: grant, Rule: -1))));
        return
        [
            .. wanted
                .Where(item => item.Grant.Quota != default)
                .GroupBy(item => item.Grant.Id, (_, items) => items.ToList())
                .Select(items => new GrantQuota(
                    items[0].Grant, items.Exists(item => item.Rule < 0), [.. items.Select(item => item.Rule).Where(rule => rule >= 0).Distinct()]))
                .OrderBy(quota => quota.Grant.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>How many of these rows count.</summary>
    /// <param name="rows">All of them.</param>
    /// <param name="owners">How many had which owners; rows of nobody may be left out, and one that had others before stands there for each.</param>
    /// <param name="numbers">Numbers of departments.</param>
    public long CountOf(long rows, IEnumerable<KeyValuePair<OwnerSet, int>> owners, OwnerNumbers numbers)
    {
        if (CountsEvery)
        {
            return rows;
        }

        var owner = numbers.Of(Grant.Owner.Value);
        return Math.Min(rows, owners.Where(item => Rules.Any(rule => item.Key.NumberOf(rule) == owner)).Sum(item => (long)item.Value));
    }

    private static ImmutableArray<Grant> GrantsOf(AccessPlan plan, int number) => plan.Resource.IndexOf(number) is var index and >= 0 ? plan.Fields[index].Grants : [];

    // -1 where the record does not tell.
    private static int RuleOf(RowOwners owners, int field) => owners.Rules.Index().FirstOrDefault(rule => rule.Item.Fields.Contains(field), (-1, null!)).Index;
}
