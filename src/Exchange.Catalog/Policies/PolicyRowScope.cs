using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog;

/// <summary>Checks what a policy row is about: its object, and whether its filter and mask suit everything it is about.</summary>
internal static class PolicyRowScope
{
    private const string ObjectPath = "policy_row.object";

    /// <summary>Adds what speaks against the row's object, row filter and mask.</summary>
    public static void Check(GovernanceState state, PolicyRow row, List<FieldViolation> violations)
    {
        var before = violations.Count;
        var (resources, field) = Resolve(state, row, violations);
        if (violations.Count > before)
        {
            return;
        }

        // An own forbid of everything is one of everything that the department keeps.
        var counts = row is { Effect: RuleEffect.Deny, Department: { } keeper } ? resources.Where(resource => resource.Department == keeper) : resources;
        CheckFilter(row, [.. counts], CallerAttributes.NamesIn(state), violations);
        if (row.Mask.IsUnspecified)
        {
            return;
        }

        foreach (var resource in counts)
        {
            var masked = resource.Fields.Where(candidate => (field is null || candidate.Name == field) && MayCount(row, candidate));
            if (masked.Select(candidate => (Field: candidate, Problem: MaskRules.Check(row.Mask, candidate.Type))).FirstOrDefault(item => item.Problem is not null) is { Problem: { } problem } found)
            {
                violations.Add(new("policy_row.mask", "MASK_NOT_APPLICABLE", $"on `{found.Field.Name}` of `{resource.Id}`: {problem.Message}"));
                return;
            }
        }
    }

    private static (IReadOnlyList<ResourceDefinition> Resources, string? Field) Resolve(GovernanceState state, PolicyRow row, List<FieldViolation> violations)
    {
        switch (row.Object.Split('/'))
        {
            case [PolicyObject.Everything]:
                return ([.. state.Resources.Values], null);
            case ["categories", var code] when state.Categories.ContainsKey(code):
                return ([.. state.Resources.Values.Where(resource => CategoryPath.Of(state, resource.Category).Any(category => category.Code.Value == code))], null);
            case ["categories", var code] when CategoryCode.IsValid(code):
                violations.Add(new(ObjectPath, "CATEGORY_NOT_FOUND", $"there is no category `{code}`: list the categories"));
                break;
            case ["resources", var id, .. var rest] when ResourceId.IsValid(id) && rest is [] or ["fields", _]:
                return ResolveResource(state, row, id, rest is [_, var name] ? name : null, violations);
            default:
                violations.Add(new(ObjectPath, "INVALID_OBJECT", "must be `*`, `categories/{code}`, `resources/{id}` or `resources/{id}/fields/{name}`"));
                break;
        }

        return ([], null);
    }

    private static (IReadOnlyList<ResourceDefinition> Resources, string? Field) ResolveResource(
        GovernanceState state, PolicyRow row, string id, string? field, List<FieldViolation> violations)
    {
        if (!state.Resources.TryGetValue(id, out var resource))
        {
            violations.Add(new(ObjectPath, "RESOURCE_NOT_FOUND", $"there is no resource `{id}`: list the resources"));
            return ([], null);
        }

        FieldDefinition? named = null;
        if (field is not null && !resource.TryGetField(field, out named))
        {
            violations.Add(new(ObjectPath, "UNKNOWN_FIELD", $"resource `{id}` has no field `{(field.Length <= 60 ? field : field[..60] + "…")}`: look at the resource"));
        }

        if (row is { Effect: RuleEffect.Deny, Department: { } department } && resource.Department != department)
        {
            violations.Add(new(ObjectPath, "NOT_OWN_RESOURCE", $"`{resource.Department}` keeps `{id}`: a department forbids in its own resources only"));
        }

        if (named is not null && !MayCount(row, named) && named.Owner is OwnerRule.Department { Id: var owner })
        {
            violations.Add(new(ObjectPath, "NOT_OWNER", $"`{named.Name}` belongs to `{owner}`: a department permits its own fields only"));
        }

        return ([resource], field);
    }

    private static void CheckFilter(
        PolicyRow row, IReadOnlyList<ResourceDefinition> resources, IReadOnlyCollection<string> attributes, List<FieldViolation> violations)
    {
        if (resources.Count is 0)
        {
            resources = [new ResourceDefinition(new ResourceId("none"), 1, []) { Department = default }]; // names of fields cannot be right yet
        }

        foreach (var resource in resources)
        {
            var schema = new PolicyFilterSchema(resource, attributes);
            var errors = ConditionParser.Parse(row.RowFilter, schema).Errors;
            if (IsOnPushing(row) && schema.Asked.Overlaps([SystemAttributes.CreateTime.Number, SystemAttributes.UpdateTime.Number]))
            {
                violations.Add(new("policy_row.row_filter", "NOT_APPLICABLE", "a row on WRITE or PROPOSE cannot ask for `create_time` or `update_time`: leave them out"));
                return;
            }

            if (row.Effect is RuleEffect.Deny && schema.UnequalTo is { } value)
            {
                violations.Add(new("policy_row.row_filter", "NOT_APPLICABLE", $"`!= {value}` would forbid nothing to callers without that value: write `NOT … = {value}`"));
                return;
            }

            if (errors is not [])
            {
                violations.AddRange(errors.Select(error =>
                    new FieldViolation("policy_row.row_filter", error.Reason, $"for `{resource.Id}`, at character {error.Position}: {error.Message}")));
                return;
            }
        }
    }

    private static bool IsOnPushing(PolicyRow row) => !row.Actions.IsDefault && row.Actions.Any(action => action is PolicyAction.Write or PolicyAction.Propose);

    // False for a permit of fields that the department can never own.
    private static bool MayCount(PolicyRow row, FieldDefinition field) =>
        row.Effect is RuleEffect.Deny || row.Department is null || field.Owner is not OwnerRule.Department { Id: var owner } || owner == row.Department;
}
