using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Records;

/// <summary>
/// The header of a push, resolved against one state of governance: what every record of it has in common. Resolve it
/// anew when governance moves on.
/// </summary>
public sealed class PushColumns
{
    private PushColumns(Caller caller, PushedHeader header, ResourceDefinition resource, long governancePosition, PushColumn[] columns, PushForbids? forbids, PushSight? sight)
    {
        Caller = caller;
        SourceSystem = header.SourceSystem;
        Resource = resource;
        UnownedFields = header.UnownedFields;
        GovernancePosition = governancePosition;
        Columns = columns;
        FieldIndexes = [.. columns.Select(column => column.FieldIndex)];
        Forbids = forbids;
        Sight = sight;
        Required = [.. resource.Fields.Index().Where(item => item.Item is { Required: true, Retired: false }).Select(item => item.Index)];
        Flag = resource.ConfidentialityFlag is { } flag ? resource.IndexOf(flag.Number) : -1;
    }

    /// <summary>Who pushes.</summary>
    public Caller Caller { get; }

    /// <summary>The caller's system that the records come from.</summary>
    public string SourceSystem { get; }

    /// <summary>The resource's current revision.</summary>
    public ResourceDefinition Resource { get; }

    /// <summary>What to do with values of fields the caller does not own.</summary>
    public UnownedFields UnownedFields { get; }

    /// <summary>Position of governance it was resolved at.</summary>
    public long GovernancePosition { get; }

    /// <summary>Numbers of the fields and system attributes that policy rows on pushing look at: a decision must know them.</summary>
    public ImmutableSortedSet<int> ForbidNumbers => Forbids?.ConditionNumbers ?? [];

    /// <summary>Those that what the caller may read hangs on, in the same way.</summary>
    public ImmutableSortedSet<int> SightNumbers => Sight?.ConditionNumbers ?? [];

    /// <summary>When what policy rows forbid may change by itself: resolve the header anew then. Null when it does not.</summary>
    public DateTimeOffset? ExpireTime => Forbids?.ExpireTime is { } forbids && (Sight?.ExpireTime is not { } sight || forbids < sight) ? forbids : Sight?.ExpireTime;

    /// <summary>How many values each record has.</summary>
    public int Count => Columns.Length;

    /// <summary>What policy rows forbid; null when they forbid nothing.</summary>
    internal PushForbids? Forbids { get; }

    /// <summary>What the caller of a push may read; null for a step, which was allowed before.</summary>
    internal PushSight? Sight { get; }

    /// <summary>Columns in the order of field indexes, so that changes come out in that order.</summary>
    internal PushColumn[] Columns { get; }

    /// <summary>Their fields' indexes, ascending; not to be changed.</summary>
    internal int[] FieldIndexes { get; }

    /// <summary>Indexes of the fields that the push which opens a record must set.</summary>
    internal ImmutableArray<int> Required { get; }

    /// <summary>Index of the confidentiality flag; -1 when there is none.</summary>
    internal int Flag { get; }

    /// <summary>Resolves a header: every unknown or repeated field at once.</summary>
    public static Result<PushColumns> Resolve(GovernanceState state, Caller caller, PushedHeader header, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(header);
        if (Authorise(state, caller, header.SourceSystem) is { } refusal)
        {
            return refusal;
        }

        if (!ResourceLookup.Mounted(state, header.Resource).TryGetValue(out var definition, out var missing))
        {
            return missing;
        }

        List<FieldViolation> violations = [];
        var columns = Columnise(state, caller, definition, header.Fields, violations);
        if (!Enum.IsDefined(header.UnownedFields))
        {
            violations.Add(new("header.unowned_fields", "UNKNOWN_VALUE", "give REJECT or PROPOSE"));
        }

        return violations.Count > 0
            ? Refusal.Invalid(violations)
            : new PushColumns(
                caller, header, definition, state.Position, columns, PushForbids.Of(state, caller, definition, header, now),
                PushSight.Of(state, caller, definition, header.Purpose, now));
    }

    /// <summary>
    /// The same for a step of a proposal or dispute, which is no push: it comes from no source system, and who may take the step is asked before. It writes as the
    /// caller's department, so it writes what that department owns.
    /// </summary>
    public static Result<PushColumns> ResolveStep(GovernanceState state, Caller caller, ResourceId resource, IReadOnlyList<string> fields, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(fields);
        if (!ResourceLookup.Mounted(state, resource).TryGetValue(out var definition, out var missing))
        {
            return missing;
        }

        // What policy rows forbid is said of the department's systems, whoever of it decides.
        var system = caller with { Role = Role.DepartmentSystem };
        var header = new PushedHeader(resource, "", fields, UnownedFields.Reject, Purpose.Unspecified);
        List<FieldViolation> violations = [];
        var columns = Columnise(state, system, definition, fields, violations);
        return violations.Count > 0
            ? Refusal.Invalid(violations)
            : new PushColumns(system, header, definition, state.Position, columns, PushForbids.Of(state, system, definition, header, now), null);
    }

    /// <summary>True when the policy rows that were set on pushing this resource are the same in both states.</summary>
    public static bool HaveSameRows(GovernanceState one, GovernanceState other, ResourceDefinition resource)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return (ReferenceEquals(one.PolicyRows, other.PolicyRows) && ReferenceEquals(one.Categories, other.Categories))
            || PushForbids.RowsOn(one, resource).SequenceEqual(PushForbids.RowsOn(other, resource));
    }

    /// <summary>True when what the caller of a push may read hangs on the same grants and policy rows in both states.</summary>
    public bool HasSameSight(GovernanceState one, GovernanceState other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return Sight is null
            || (((ReferenceEquals(one.PolicyRows, other.PolicyRows) && ReferenceEquals(one.Categories, other.Categories))
                    || one.PolicyRowsOn(Resource).SequenceEqual(other.PolicyRowsOn(Resource)))
                && (ReferenceEquals(one.Grants, other.Grants)
                    || one.GrantsTo(Caller.Department, Resource.Id).SequenceEqual(other.GrantsTo(Caller.Department, Resource.Id))));
    }

    /// <summary>The record a reference means, or what is wrong with it. No lookup: ids are made of the reference.</summary>
    public bool TryResolve(in RecordReference reference, out RecordId id, out FieldError? error)
    {
        (id, error) = (default, null);
        if (reference.Id is { } given)
        {
            id = given;
            return true;
        }

        if (reference.SourceId is not { Length: > 0 and <= RecordReference.LongestSourceId } sourceId || sourceId.Contains('\0', StringComparison.Ordinal))
        {
            error = new FieldError(string.Empty, FieldError.InvalidReference, $"give a source id of 1 to {RecordReference.LongestSourceId} characters");
            return false;
        }

        if (reference.SourceSystem is { } system && !SourceSystemId.IsValid(system))
        {
            error = new FieldError(string.Empty, FieldError.InvalidReference, "give the opener's source system by its id");
            return false;
        }

        id = RecordId.Create(Resource.Id, reference.SourceSystem ?? SourceSystem, sourceId);
        return true;
    }

    private static Refusal? Authorise(GovernanceState state, Caller caller, string sourceSystem)
    {
        if (caller.Role is not Role.DepartmentSystem)
        {
            return new Refusal(RefusalReason.RoleRequired, "records are pushed by a client with the role of a department system")
            {
                Metadata = new Dictionary<string, string> { ["role"] = "DEPARTMENT_SYSTEM" },
            };
        }

        return state.SourceSystems.TryGetValue(new SourceSystemId(sourceSystem), out var owner) && owner == caller.Department
            ? null
            : new Refusal(RefusalReason.NotOwnSourceSystem, $"source system `{sourceSystem}` is not one of `{caller.Department}`: name one of its own")
            {
                Metadata = new Dictionary<string, string> { ["source_system"] = sourceSystem, ["department"] = caller.Department.Value },
            };
    }

    private static PushColumn[] Columnise(
        GovernanceState state, Caller caller, ResourceDefinition resource, IReadOnlyList<string> fields, List<FieldViolation> violations)
    {
        if (fields.Count is 0 or > ResourceRules.MostFields)
        {
            violations.Add(new("header.fields", "COUNT", $"name 1 to {ResourceRules.MostFields} fields"));
        }

        List<PushColumn> columns = [];
        HashSet<int> seen = [];
        foreach (var (position, name) in fields.Index())
        {
            var index = resource.IndexOf(name);
            if (index < 0)
            {
                violations.Add(new($"header.fields[{position}]", "UNKNOWN_FIELD", $"resource `{resource.Id}` has no field `{name}`"));
            }
            else if (!seen.Add(index))
            {
                violations.Add(new($"header.fields[{position}]", "DUPLICATE", $"`{name}` stands here twice"));
            }
            else
            {
                columns.Add(PushColumn.Of(state, caller.Department, resource, index, position));
            }
        }

        return [.. columns.OrderBy(column => column.FieldIndex)];
    }
}
