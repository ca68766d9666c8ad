using System.Collections.Frozen;
using System.Collections.Immutable;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Policies;

/// <summary>
/// The hub's model with the base rows, the rows that were set, and the trees of departments, resources and categories as its
/// role relations. Immutable and shared by every plan of one governance state.
/// </summary>
public sealed class HubPolicy
{
    private readonly PolicyEngine _engine;
    private readonly FrozenDictionary<string, PolicyRow> _rows;
    private readonly FrozenDictionary<string, ImmutableArray<(PolicyRow Row, RowDistinctions Distinctions)>> _distinctionsByObject;
    private readonly ImmutableSortedDictionary<string, Category> _categories;

    /// <summary>The policy of these departments, resources, categories and rows. A row whose condition cannot be read fails wherever it counts.</summary>
    public HubPolicy(
        ImmutableSortedDictionary<string, Department> departments,
        ImmutableSortedDictionary<string, ResourceDefinition> resources,
        ImmutableSortedDictionary<string, Category> categories,
        ImmutableSortedDictionary<string, PolicyRow> rows)
    {
        ArgumentNullException.ThrowIfNull(departments);
        ArgumentNullException.ThrowIfNull(resources);
        ArgumentNullException.ThrowIfNull(categories);
        ArgumentNullException.ThrowIfNull(rows);
        _categories = categories;
        Rows = [.. HubModel.BaseRows, .. rows.Values];
        _rows = Rows.ToFrozenDictionary(row => row.Id.Value, StringComparer.Ordinal);
        _distinctionsByObject = rows.Values.GroupBy(row => row.Object, row => (row, RowDistinctions.Of(row))).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal);
        PolicyRule[] links = [.. CallerLinks(departments.Values), .. ObjectLinks(resources.Values, categories.Values)];
        Snapshot = Build([.. HubModel.Policy.Rows, .. links, .. rows.Values.SelectMany(row => HubModel.RowsOf(row))])
            ?? Build([.. HubModel.Policy.Rows, .. links, .. rows.Values.SelectMany(RowsThatMayFail)])
            ?? throw new InvalidOperationException("a policy of rows that can be read was refused");
        _engine = new PolicyEngine(Snapshot);
    }

    /// <summary>All rows: the base rows, then those that were set, by id.</summary>
    public ImmutableArray<PolicyRow> Rows { get; }

    /// <summary>The engine's snapshot.</summary>
    public PolicySnapshot Snapshot { get; }

    /// <summary>The row of an id; null when there is none.</summary>
    public PolicyRow? Find(string id) => _rows.GetValueOrDefault(id);

    /// <summary>All rows that match, in the order of the policy, and the one that failed. Row filters and masks are not asked.</summary>
    public HubMatches Matching(CallerAttributes caller, ObjectAttributes target, PolicyAction action, ContextAttributes context)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(context);
        var found = _engine.Matching(caller.AsValue, target.AsValue, PolicyWords.Kebab(action), context.AsValue);
        return new(
            [.. found.Rules.Select(rule => _rows[rule.Values[0]])],
            found.Failure is null ? null : found.FailedRule is { } rule ? _rows[rule.Values[0]].Id : new PolicyRowId(""),
            found.Failure);
    }

    /// <summary>What rows about the resource, or something above, can tell apart when the caller does that.</summary>
    internal ImmutableArray<RowDistinctions> DistinctionsIn(ResourceDefinition resource, CallerAttributes caller, PolicyAction action) =>
        [.. Above(resource).SelectMany(name => DistinctionsIn(name, caller, action))];

    /// <summary>What rows about this field alone can tell apart when the caller does that.</summary>
    internal ImmutableArray<RowDistinctions> DistinctionsIn(ResourceDefinition resource, FieldDefinition field, CallerAttributes caller, PolicyAction action) =>
        [.. DistinctionsIn(PolicyObject.Of(resource.Id, field.Name), caller, action)];

    // Rows about others and about other actions never match.
    private IEnumerable<RowDistinctions> DistinctionsIn(string name, CallerAttributes caller, PolicyAction action) => _distinctionsByObject.GetValueOrDefault(name, [])
        .Where(known => known.Row.Actions.Contains(action) && Snapshot.HasLink("g", caller.Name, known.Row.Subject))
        .Select(known => known.Distinctions);

    private IEnumerable<string> Above(ResourceDefinition resource)
    {
        yield return PolicyObject.Of(resource.Id);
        for (var category = resource.Category; category is { } code; category = _categories.GetValueOrDefault(code.Value)?.Parent)
        {
            yield return PolicyObject.Of(code);
        }

        yield return PolicyObject.Everything;
    }

    private static IEnumerable<PolicyRule> RowsThatMayFail(PolicyRow row) =>
        HubModel.RowsOf(row, HubModel.Complaint(row.Condition, attributes: null) is null ? null : HubModel.FailingCondition);

    private static PolicySnapshot? Build(ImmutableArray<PolicyRule> rows) =>
        PolicySnapshot.Build(HubModel.Model, PolicyRules.Of(rows), new PolicyOptions { MaxHierarchyLevel = int.MaxValue }).Value;

    private static IEnumerable<PolicyRule> CallerLinks(IEnumerable<Department> departments)
    {
        foreach (var department in departments)
        {
            foreach (var role in Enum.GetValues<Role>())
            {
                var caller = CallerAttributes.NameOf(department.Id, role);
                yield return Link("g", caller, PolicySubject.Of(department.Id));
                yield return Link("g", caller, PolicySubject.Of(department.Level));
                yield return Link("g", caller, PolicySubject.Of(role));
                yield return Link("g", caller, PolicySubject.Everybody);
            }

            if (department.Parent is { } parent)
            {
                yield return Link("g", PolicySubject.Of(department.Id), PolicySubject.Of(parent));
            }
        }
    }

    private static IEnumerable<PolicyRule> ObjectLinks(IEnumerable<ResourceDefinition> resources, IEnumerable<Category> categories)
    {
        foreach (var category in categories)
        {
            yield return Link("g2", PolicyObject.Of(category.Code), PolicyObject.Everything);
            if (category.Parent is { } parent)
            {
                yield return Link("g2", PolicyObject.Of(category.Code), PolicyObject.Of(parent));
            }
        }

        foreach (var resource in resources)
        {
            var name = PolicyObject.Of(resource.Id);
            yield return Link("g2", name, PolicyObject.Everything);
            if (resource.Category is { } category)
            {
                yield return Link("g2", name, PolicyObject.Of(category));
            }

            foreach (var field in resource.Fields)
            {
                yield return Link("g2", PolicyObject.Of(resource.Id, field.Name), name);
            }
        }
    }

    private static PolicyRule Link(string relation, string name, string above) => new(relation, [name, above]);
}
