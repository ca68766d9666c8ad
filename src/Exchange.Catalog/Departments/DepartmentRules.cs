using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which departments may join the hub.</summary>
public static class DepartmentRules
{
    /// <summary>Most source systems of one department.</summary>
    public const int MostSourceSystems = 100;

    /// <summary>Registers a department. A parent must be there first, so the tree of departments can have no cycle.</summary>
    public static Result<GovernanceDecision<Department>> Register(GovernanceState state, Department department, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(department);
        var violations = Check(state, department);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        if (state.Departments.ContainsKey(department.Id.Value))
        {
            return new Refusal(RefusalReason.DepartmentExists, $"department `{department.Id}` is registered already")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.Id.Value },
            };
        }

        if (department.SourceSystems.FirstOrDefault(state.SourceSystems.ContainsKey) is { Value: not null } taken)
        {
            return new Refusal(RefusalReason.SourceSystemTaken, $"source system `{taken}` belongs to another department: choose another id")
            {
                Metadata = new Dictionary<string, string> { ["source_system"] = taken.Value },
            };
        }

        var registered = department with { CreateTime = now };
        return new GovernanceDecision<Department>(registered, new GovernanceEvent.DepartmentRegistered(registered));
    }

    private static List<FieldViolation> Check(GovernanceState state, Department department)
    {
        List<FieldViolation> violations = [];
        if (!DepartmentId.IsValid(department.Id.Value))
        {
            violations.Add(new("department_id", "INVALID_ID", "must be 2 to 40 of `a-z 0-9 -`, starting with a letter"));
        }

        Labels.Check(violations, "department", department.DisplayName, department.DisplayNameZh);
        if (!Enum.IsDefined(department.Level) || department.Level is AdministrativeLevel.Unspecified)
        {
            violations.Add(new("department.level", "REQUIRED", "give one of the administrative levels"));
        }

        if (department.Parent is { } parent && (parent == department.Id || !state.Departments.ContainsKey(parent.Value)))
        {
            violations.Add(new("department.parent", "DEPARTMENT_NOT_FOUND", $"register `{parent}` first, or give `departments/{{department}}` of another"));
        }

        if (department.SourceSystems.Length > MostSourceSystems)
        {
            violations.Add(new("department.source_systems", "TOO_MANY", $"at most {MostSourceSystems} source systems"));
        }

        HashSet<SourceSystemId> seen = [];
        foreach (var (index, system) in department.SourceSystems.Index())
        {
            if (!SourceSystemId.IsValid(system.Value))
            {
                violations.Add(new($"department.source_systems[{index}]", "INVALID_ID", "must be 1 to 40 of `a-z 0-9 - _`, starting with a letter"));
            }
            else if (!seen.Add(system))
            {
                violations.Add(new($"department.source_systems[{index}]", "DUPLICATE", $"`{system}` stands here twice"));
            }
        }

        return violations;
    }
}
