using Exchange.Catalog;

namespace Exchange.Server.Policies;

/// <summary>Refusals of the policies feature.</summary>
internal static class PolicyReasons
{
    /// <summary>A history that there is none of.</summary>
    public static Refusal NeverSet(PolicyRowId row) => new(RefusalReason.PolicyRowNotFound, $"there never was a policy row `{row}`: list the policy rows")
    {
        Metadata = new Dictionary<string, string> { ["policy_row"] = row.Value },
    };

    /// <summary>Somebody asks about a department whose access is not its business.</summary>
    public static Refusal NotToBeExplained(DepartmentId department, ResourceId resource) => new(
        RefusalReason.NotOwnDepartment,
        $"what `{department}` may read of `{resource}` is told to itself, to the steward of the resource's department, to auditors and to the operator: ask one of them")
    {
        Metadata = new Dictionary<string, string> { ["department"] = department.ToString(), ["resource"] = resource.ToString() },
    };
}
