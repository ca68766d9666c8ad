using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>What an access request comes to as things stand: who must be asked for which fields, which need no request, and what speaks against it.</summary>
/// <param name="Parts">Fields to ask for by owner, in the order of the fields.</param>
/// <param name="Unneeded">Fields that need no request.</param>
/// <param name="Violations">What speaks against submitting it; empty when nothing does.</param>
public sealed record RequestNeeds(
    IReadOnlyList<(DepartmentId Owner, ValueList<string> Fields)> Parts, IReadOnlyList<UnneededField> Unneeded, IReadOnlyList<FieldViolation> Violations)
{
    /// <summary>Most fields of a request.</summary>
    public const int MostFields = 200;

    /// <summary>Most owners of a request.</summary>
    public const int MostOwners = 50;

    /// <summary>Longest scene in characters.</summary>
    public const int LongestScene = 2_000;

    private const int LongestBasis = 1_000;
    private const int LongestBasisShown = 200;
    private const int MostViolations = 100;
    private const int MostWithholders = 3;

    /// <summary>Finds out what a request comes to.</summary>
    public static RequestNeeds Of(GovernanceState state, AccessRequest request, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        List<FieldViolation> violations = [];
        CheckWords(request, now, violations);
        if (!state.Resources.TryGetValue(request.Resource.ToString(), out var resource))
        {
            violations.Add(new("request.resource", "RESOURCE_NOT_FOUND", $"there is no resource `{request.Resource}`: search the catalog"));
            return new([], [], violations);
        }

        CheckOwners(state, request, violations);
        if (resource.Description.PlatformModes.Count > 0 && request.Mode is not PlatformMode.Unspecified && !resource.Description.PlatformModes.Contains(request.Mode))
        {
            violations.Add(new("request.mode", "MODE_NOT_OFFERED", $"`{resource.Id}` is shared by {string.Join(", ", resource.Description.PlatformModes.Select(EnumWords.Of))}"));
        }

        violations.AddRange(ConditionParser.Parse(request.RowFilter, new RowFilterSchema(resource)).Errors
            .Select(error => new FieldViolation("request.row_filter", error.Reason, $"at character {error.Position}: {error.Message}")));
        return Divide(state, request, resource, violations);
    }

    private static RequestNeeds Divide(GovernanceState state, AccessRequest request, ResourceDefinition resource, List<FieldViolation> violations)
    {
        List<(DepartmentId Owner, string Field)> needed = [];
        List<UnneededField> unneeded = [];
        Dictionary<string, int> withheld = new(StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, name) in request.Fields.Index())
        {
            var path = $"request.fields[{index}]";
            if (!resource.TryGetField(name, out var field))
            {
                violations.Add(new(path, "UNKNOWN_FIELD", $"resource `{resource.Id}` has no field `{name}`"));
            }
            else if (!seen.Add(name))
            {
                violations.Add(new(path, "DUPLICATE", $"`{name}` stands here twice"));
            }
            else if (OwnersOf(field, request) is not { Length: > 0 } owners)
            {
                violations.Add(new("request.owners", "REQUIRED", $"`{name}` belongs to whoever opened or handles the record: name the departments whose records are wanted"));
            }
            else
            {
                foreach (var owner in owners)
                {
                    Place(owner, field, path);
                }
            }
        }

        if (violations.Count is 0 && needed.Count is 0)
        {
            violations.Add(new("request.fields", "NOTHING_NEEDED", "all of them are the requester's own or shared unconditionally: read them without a request"));
        }

        return new([.. needed.GroupBy(one => one.Owner, one => one.Field).Select(part => (part.Key, (ValueList<string>)[.. part]))], unneeded, violations);

        void Place(DepartmentId owner, FieldDefinition field, string path)
        {
            var sharing = state.SharingOf(owner, resource.Id, field);
            if (owner == request.Requester)
            {
                unneeded.Add(new(field.Name, owner, "OWN"));
            }
            else if (sharing.SharingClass is SharingClass.Unconditional)
            {
                unneeded.Add(new(field.Name, owner, "UNCONDITIONAL"));
            }
            else if (sharing.SharingClass is SharingClass.Conditional)
            {
                needed.Add((owner, field.Name));
            }
            else if (violations.Count < MostViolations && (withheld[path] = withheld.GetValueOrDefault(path) + 1) <= MostWithholders)
            {
                violations.Add(new(path, "NOT_SHARED", $"`{owner}` does not share `{field.Name}`{BasisOf(sharing.Terms.Basis)}: leave it out, or ask `{owner}` to change its sharing list"));
            }
        }
    }

    private static DepartmentId[] OwnersOf(FieldDefinition field, AccessRequest request) =>
        field.Owner is OwnerRule.Department { Id: var owner } ? [owner] : [.. request.Owners.Distinct()];

    private static string BasisOf(Basis basis) => basis.IsNone ? "" : $" ({EnumWords.Of(basis.Kind)}: {(basis.Text.Length > LongestBasisShown ? $"{basis.Text[..LongestBasisShown]}…" : basis.Text)})";

    private static void CheckWords(AccessRequest request, DateTimeOffset now, List<FieldViolation> violations)
    {
        if (request.Fields.Count is 0)
        {
            violations.Add(new("request.fields", "REQUIRED", "name at least one field"));
        }

        if (!Enum.IsDefined(request.Basis.Kind) || request.Basis.Kind is BasisKind.Unspecified || !Labels.IsText(request.Basis.Text, LongestBasis))
        {
            violations.Add(new("request.basis", request.Basis.IsNone ? "REQUIRED" : "INVALID_BASIS", $"give the law, document or reason that the use rests on: its kind, and 1 to {LongestBasis} characters"));
        }

        if (!Enum.IsDefined(request.Purpose) || request.Purpose is Purpose.Unspecified)
        {
            violations.Add(new("request.purpose", "REQUIRED", "give the purpose that reads will name"));
        }

        if (!Labels.IsText(request.Scene, LongestScene))
        {
            violations.Add(new("request.scene", request.Scene.Length is 0 ? "REQUIRED" : "INVALID_TEXT", $"say in 1 to {LongestScene} characters what it is used for"));
        }

        if (!Enum.IsDefined(request.Mode) || request.Mode is PlatformMode.Unspecified)
        {
            violations.Add(new("request.mode", "REQUIRED", "give API, TABLE, FILE or FEED"));
        }

        if (request.ExpireTime <= now || request.ExpireTime > now.AddYears(GrantRules.LongestTermYears))
        {
            violations.Add(new("request.expire_time", "OUT_OF_RANGE", $"must lie ahead, at most {GrantRules.LongestTermYears} years"));
        }
        else if (request.StartTime >= request.ExpireTime)
        {
            violations.Add(new("request.start_time", "OUT_OF_RANGE", "must lie before the end"));
        }

        request.Quota.Check("request.quota", violations);
    }

    private static void CheckOwners(GovernanceState state, AccessRequest request, List<FieldViolation> violations)
    {
        foreach (var (index, owner) in request.Owners.Index())
        {
            if (!state.Departments.ContainsKey(owner.ToString()))
            {
                violations.Add(new($"request.owners[{index}]", "DEPARTMENT_NOT_FOUND", $"there is no department `{owner}`"));
            }
        }
    }
}
