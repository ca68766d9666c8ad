using Exchange.Catalog;
using Exchange.Catalog.Governance;

namespace Exchange.Server.Governance;

/// <summary>Finds things by id, or says that there are none.</summary>
internal static class Lookup
{
    /// <summary>A department.</summary>
    public static Result<Department> Department(GovernanceState state, DepartmentId id) =>
        state.Departments.TryGetValue(id.Value, out var department)
            ? department
            : NotFound(RefusalReason.DepartmentNotFound, "department", id.Value, "list the departments");

    /// <summary>A resource.</summary>
    public static Result<ResourceDefinition> Resource(GovernanceState state, ResourceId id) =>
        ResourceLookup.Published(state, id);

    /// <summary>A code list.</summary>
    public static Result<CodeList> CodeList(GovernanceState state, CodeListId id) =>
        state.CodeLists.TryGetValue(id.Value, out var list)
            ? list
            : NotFound(RefusalReason.CodeListNotFound, "code_list", id.Value, "see the fields that use it");

    private static Refusal NotFound(RefusalReason reason, string what, string id, string nextStep) =>
        new(reason, $"there is no {what.Replace('_', ' ')} `{id}`: {nextStep}") { Metadata = new Dictionary<string, string> { [what] = id } };
}
