using System.Collections.Immutable;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Governance;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Audit;

/// <summary>Reads which entries of the trail a request asks for, and says what of them its caller may see.</summary>
internal static class AuditQueryForm
{
    private static readonly ImmutableArray<string> Actions =
        [ReadActions.Pull, ReadActions.Follow, ReadActions.Get, ReadActions.History, ReadActions.Dispute, ReadActions.Proposal, ReadActions.Plan, ReadActions.Explain, AuditedRead.RefusedAction];

    /// <summary>
    /// The query, or every malformed part of it at once. A steward asks for its own department's reads or for those of its own department's fields;
    /// whether it may is said before whether a thing exists.
    /// </summary>
    public static Result<AuditQuery> Parse(Caller caller, Proto.ListAuditEntriesRequest request, GovernanceState state)
    {
        List<FieldViolation> violations = [];
        var department = Name(request.Department, "department", ResourceNames.Department, violations);
        var owner = Name(request.Owner, "owner", ResourceNames.Department, violations);
        var resource = Name(request.Resource, "resource", ResourceNames.Resource, violations);
        var (start, end) = Times(request, violations);
        CheckWords(request, violations);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        // A steward's question who read its fields may be about any reader.
        if ((owner ?? department) is { } own && GovernanceRoles.RequireMember(caller, own) is { } refusal)
        {
            return refusal;
        }

        var isSteward = caller.Role is Role.Steward;
        if (Unknown(state, department) is { } noDepartment)
        {
            return noDepartment;
        }

        if (Unknown(state, owner) is { } noOwner)
        {
            return noOwner;
        }

        if (resource is { } id && Unknown(state, id, request.Field) is { } noResource)
        {
            return noResource;
        }

        return new AuditQuery
        {
            Department = isSteward && owner is null ? caller.Department : department,
            Owner = owner is { } asked ? state.Departments[asked.Value] : null,
            Viewer = isSteward ? state.Departments[caller.Department.Value] : null,
            Resource = resource,
            Field = request.Field,
            Client = request.Client,
            Purpose = (Purpose)request.Purpose,
            StartTime = start,
            EndTime = end,
            Action = request.Action,
            Outcome = request.Outcome,
            IsUnfinished = request.Unfinished,
        };
    }

    /// <summary>Stands for what a request asks for, whichever page of it: its tokens are for no other.</summary>
    public static byte[] Fingerprint(Proto.ListAuditEntriesRequest request) =>
        SHA256.HashData(new Proto.ListAuditEntriesRequest(request) { PageSize = 0, PageToken = "" }.ToByteArray());

    private static T? Name<T>(string name, string field, Func<string, string, Result<T>> read, List<FieldViolation> violations)
        where T : struct
    {
        if (name.Length is 0)
        {
            return null;
        }

        var result = read(field, name);
        violations.AddRange(result.Refusal?.Violations ?? []);
        return result.IsRefused ? null : result.Value;
    }

    private static (DateTimeOffset? Start, DateTimeOffset? End) Times(Proto.ListAuditEntriesRequest request, List<FieldViolation> violations)
    {
        var start = TimeBounds.Read("start_time", request.StartTime, TimeBounds.Earliest);
        var end = TimeBounds.Read("end_time", request.EndTime, TimeBounds.Latest);
        violations.AddRange([.. start.Refusal?.Violations ?? [], .. end.Refusal?.Violations ?? []]);
        if (!start.IsRefused && !end.IsRefused && start.Value > end.Value)
        {
            violations.Add(new("end_time", "OUT_OF_RANGE", "is before `start_time`"));
        }

        return (request.StartTime is null || start.IsRefused ? null : start.Value, request.EndTime is null || end.IsRefused ? null : end.Value);
    }

    private static void CheckWords(Proto.ListAuditEntriesRequest request, List<FieldViolation> violations)
    {
        if (!Enum.IsDefined((Purpose)request.Purpose))
        {
            violations.Add(new("purpose", "UNKNOWN_VALUE", "give one of the purposes"));
        }

        if (request.Field.Length > 0 && request.Resource.Length is 0)
        {
            violations.Add(new("resource", "REQUIRED", "say of which resource the field is"));
        }

        if (request.Action.Length > 0 && !Actions.Contains(request.Action))
        {
            violations.Add(new("action", "UNKNOWN_VALUE", $"give one of {string.Join(", ", Actions)}"));
        }

        if (request.Outcome.Length > 0 && !ReadAudit.StatusNames.Values.Contains(request.Outcome))
        {
            violations.Add(new("outcome", "UNKNOWN_VALUE", "give the name of a gRPC status, such as OK or PERMISSION_DENIED"));
        }

        if (request is { Unfinished: true, Outcome.Length: > 0 })
        {
            violations.Add(new("unfinished", "NOT_APPLICABLE", "what is not finished has no outcome: leave one of the two out"));
        }
    }

    private static Refusal? Unknown(GovernanceState state, DepartmentId? department) => department is { } id ? Lookup.Department(state, id).Refusal : null;

    // What was revoked was read before.
    private static Refusal? Unknown(GovernanceState state, ResourceId id, string field) => (state.LastResource(id), field) switch
    {
        (null, _) => Lookup.Resource(state, id).Refusal,
        (_, "") => null,
        (var resource, _) => resource.TryGetField(field, out _) ? null : Refusal.Invalid("field", "UNKNOWN_FIELD", $"resource `{id}` has no field of this name: see its entry"),
    };
}
