using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog;

/// <summary>Decides which departments may join the hub, and what may change of them.</summary>
public static class DepartmentRules
{
    /// <summary>Most source systems of one department.</summary>
    public const int MostSourceSystems = 100;

    /// <summary>Most attributes of one department.</summary>
    public const int MostAttributes = 20;

    private const int LongestAttribute = 200;

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

        var registered = department with { CreateTime = now, Revision = 1 };
        return new GovernanceDecision<Department>(registered, new GovernanceEvent.DepartmentRegistered(registered));
    }

    /// <summary>
    /// Replaces a department's display names, credit code and attributes; the same again change nothing. Level, parent and source systems
    /// are empty or as registered: they stay.
    /// </summary>
    /// <param name="state">State to decide on.</param>
    /// <param name="department">The department with what it shall have.</param>
    /// <param name="etag">Etag of the department that was changed; empty when the operator does not mind.</param>
    public static Result<GovernanceDecision<Department>> Update(GovernanceState state, Department department, string etag)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(department);
        ArgumentNullException.ThrowIfNull(etag);
        if (!state.Departments.TryGetValue(department.Id.Value, out var current))
        {
            return new Refusal(RefusalReason.DepartmentNotFound, $"there is no department `{department.Id}`: list the departments")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.Id.Value },
            };
        }

        List<FieldViolation> violations = [];
        Labels.Check(violations, "department", department.DisplayName, department.DisplayNameZh);
        CheckCreditCode(department, violations);
        CheckAttributes(department, violations);
        CheckKept("level", department.Level is AdministrativeLevel.Unspecified || department.Level == current.Level, violations);
        CheckKept("parent", department.Parent is null || department.Parent == current.Parent, violations);
        CheckKept("source_systems", department.SourceSystems.IsEmpty || department.SourceSystems.SequenceEqual(current.SourceSystems), violations);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        if ((department.DisplayName, department.DisplayNameZh, department.CreditCode) == (current.DisplayName, current.DisplayNameZh, current.CreditCode) && department.Attributes.SequenceEqual(current.Attributes))
        {
            return new GovernanceDecision<Department>(current, null);
        }

        if (etag.Length > 0 && etag != current.Etag)
        {
            return new Refusal(RefusalReason.StaleEtag, $"department `{department.Id}` has changed: read it again and retry")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.Id.Value },
            };
        }

        var next = current with
        {
            DisplayName = department.DisplayName,
            DisplayNameZh = department.DisplayNameZh,
            CreditCode = department.CreditCode,
            Attributes = department.Attributes,
            Revision = current.Revision + 1,
        };
        return new GovernanceDecision<Department>(next, new GovernanceEvent.DepartmentChanged(next));
    }

    private static void CheckKept(string field, bool isKept, List<FieldViolation> violations)
    {
        if (!isKept)
        {
            violations.Add(new($"department.{field}", "IMMUTABLE", "stays as registered: leave it empty or as it is"));
        }
    }

    private static void CheckCreditCode(Department department, List<FieldViolation> violations)
    {
        if (department.CreditCode.Length > 0 && !CreditCode.IsValid(department.CreditCode))
        {
            violations.Add(new("department.credit_code", "INVALID_CODE", "must be a unified social credit code of 18 characters whose last one checks the others (GB 32100-2015); or leave it empty"));
        }
    }

    private static void CheckAttributes(Department department, List<FieldViolation> violations)
    {
        const string Path = "department.attributes";
        if (department.Attributes.Count > MostAttributes)
        {
            violations.Add(new(Path, "TOO_MANY", $"at most {MostAttributes} attributes"));
        }

        foreach (var (name, value) in department.Attributes.Take(MostAttributes))
        {
            var path = $"{Path}[{(name.Length <= 40 ? name : name[..40] + "…")}]";
            if (CallerAttributes.Names.Contains(name))
            {
                violations.Add(new(path, "RESERVED", $"callers have {string.Join(", ", CallerAttributes.Names)} already: choose another name"));
            }
            else if (!Syntax.IsId(name, 1, 40, "_"))
            {
                violations.Add(new(path, "INVALID_ID", "a name must be 1 to 40 of `a-z 0-9 _`, starting with a letter"));
            }

            if (!Syntax.IsLabel(value, 1, LongestAttribute))
            {
                violations.Add(new(path, "INVALID_TEXT", $"must be 1 to {LongestAttribute} characters without control characters; leave out what it has not"));
            }
        }
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

        CheckCreditCode(department, violations);
        CheckAttributes(department, violations);
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
