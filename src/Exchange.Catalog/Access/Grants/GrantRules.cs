using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which grants are issued and revoked.</summary>
public static class GrantRules
{
    /// <summary>Longest term of a grant, in years.</summary>
    public const int LongestTermYears = 3;

    /// <summary>
    /// Issues a grant under the id given. An id that is taken means that the same request came again: it returns the
    /// grant as it stands when the content is the same, and is refused otherwise.
    /// </summary>
    public static Result<GovernanceDecision<Grant>> Issue(GovernanceState state, Grant grant, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(grant);
        if (SharingListRules.Find(state, grant.Owner, grant.Resource) is { } refusal)
        {
            return refusal;
        }

        if (state.Grants.TryGetValue(grant.Id.Value, out var earlier))
        {
            return IsSameRequest(earlier, grant)
                ? new GovernanceDecision<Grant>(earlier, null)
                : new Refusal(RefusalReason.IdempotencyKeyReused, "this `request_id` issued another grant: make a new one for each grant")
                {
                    Metadata = new Dictionary<string, string> { ["grant"] = earlier.Id.Value },
                };
        }

        var violations = Check(state, grant, now);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var issued = grant with { CreateTime = now, RevokeTime = null };
        return new GovernanceDecision<Grant>(issued, new GovernanceEvent.GrantIssued(issued));
    }

    /// <summary>Revokes a grant of this owner. A revoked one stays as it is.</summary>
    public static Result<GovernanceDecision<Grant>> Revoke(GovernanceState state, DepartmentId owner, GrantId id, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Grants.TryGetValue(id.Value, out var grant) || grant.Owner != owner)
        {
            return new Refusal(RefusalReason.GrantNotFound, $"department `{owner}` gave no grant `{id}`")
            {
                Metadata = new Dictionary<string, string> { ["department"] = owner.ToString(), ["grant"] = id.ToString() },
            };
        }

        return grant.RevokeTime is not null
            ? new GovernanceDecision<Grant>(grant, null)
            : new GovernanceDecision<Grant>(grant with { RevokeTime = now }, new GovernanceEvent.GrantRevoked(id, now));
    }

    private static bool IsSameRequest(Grant earlier, Grant grant) =>
        (earlier.Owner, earlier.Reader, earlier.Resource, earlier.RowFilter, earlier.Mask, earlier.ExpireTime)
            == (grant.Owner, grant.Reader, grant.Resource, grant.RowFilter, grant.Mask, grant.ExpireTime)
        && earlier.Fields.AsSpan().SequenceEqual(grant.Fields.AsSpan())
        && earlier.Purposes.AsSpan().SequenceEqual(grant.Purposes.AsSpan());

    private static List<FieldViolation> Check(GovernanceState state, Grant grant, DateTimeOffset now)
    {
        List<FieldViolation> violations = [];
        if (!state.Departments.ContainsKey(grant.Reader.Value))
        {
            violations.Add(new("grant.reader", "DEPARTMENT_NOT_FOUND", $"there is no department `{grant.Reader}`"));
        }
        else if (grant.Reader == grant.Owner)
        {
            violations.Add(new("grant.reader", "OWN_DEPARTMENT", "an owner reads what it owns without a grant"));
        }

        var resource = state.Resources[grant.Resource.Value];
        CheckFields(state, grant, resource, violations);
        CheckPurposes(grant.Purposes, violations);
        if (grant.ExpireTime <= now || grant.ExpireTime > now.AddYears(LongestTermYears))
        {
            violations.Add(new("grant.expire_time", "OUT_OF_RANGE", $"must lie ahead, at most {LongestTermYears} years"));
        }

        var parse = ConditionParser.Parse(grant.RowFilter, new RowFilterSchema(resource));
        violations.AddRange(parse.Errors.Select(error =>
            new FieldViolation("grant.row_filter", error.Reason, $"at character {error.Position}: {error.Message}")));
        return violations;
    }

    private static void CheckFields(GovernanceState state, Grant grant, ResourceDefinition resource, List<FieldViolation> violations)
    {
        if (grant.Fields is [])
        {
            violations.Add(new("grant.fields", "REQUIRED", "name at least one field"));
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, name) in grant.Fields.Index())
        {
            var path = $"grant.fields[{index}]";
            if (!resource.TryGetField(name, out var field))
            {
                violations.Add(new(path, "UNKNOWN_FIELD", $"resource `{resource.Id}` has no field `{name}`"));
                continue;
            }

            if (!seen.Add(name))
            {
                violations.Add(new(path, "DUPLICATE", $"`{name}` stands here twice"));
            }

            if (field.Owner is OwnerRule.Department { Id: var fixedOwner } && fixedOwner != grant.Owner)
            {
                violations.Add(new(path, "NOT_OWNER", $"`{name}` belongs to `{fixedOwner}`: ask there"));
            }

            var sharingClass = state.SharingOf(grant.Owner, resource.Id, field).SharingClass;
            if (sharingClass is not SharingClass.Conditional)
            {
                violations.Add(new(path, "NOT_CONDITIONAL", sharingClass is SharingClass.Unconditional
                    ? $"`{name}` is shared unconditionally and needs no grant"
                    : $"`{name}` is not shared: change the sharing list first"));
            }

            if (MaskRules.Check(grant.Mask, field.Type) is { Message: var complaint })
            {
                violations.Add(new("grant.mask", "MASK_NOT_APPLICABLE", $"on `{name}`: {complaint}"));
            }
        }
    }

    private static void CheckPurposes(ImmutableArray<Purpose> purposes, List<FieldViolation> violations)
    {
        if (purposes is [])
        {
            violations.Add(new("grant.purposes", "REQUIRED", "name at least one purpose"));
        }

        foreach (var (index, purpose) in purposes.Index())
        {
            if (!Enum.IsDefined(purpose) || purpose is Purpose.Unspecified)
            {
                violations.Add(new($"grant.purposes[{index}]", "UNKNOWN_VALUE", "give one of the purposes"));
            }
            else if (purposes.IndexOf(purpose) < index)
            {
                violations.Add(new($"grant.purposes[{index}]", "DUPLICATE", "stands here twice"));
            }
        }
    }
}
