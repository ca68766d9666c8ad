using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which grants are issued and revoked.</summary>
public static class GrantRules
{
    /// <summary>Longest term of a grant, in years.</summary>
    public const int LongestTermYears = 3;

    /// <summary>
    /// Offers a grant under the id given, bound to the current version of one of the owner's agreements. An id that is taken means that the same request came again: it
    /// returns the grant as it stands when the content is the same, and is refused otherwise.
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
        var version = CheckAgreement(state, grant, violations);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var issued = grant with { CreateTime = now, AgreementVersion = version };
        return new GovernanceDecision<Grant>(issued, new GovernanceEvent.GrantIssued(issued));
    }

    /// <summary>Revokes a grant of this owner. A revoked one stays as it is.</summary>
    public static Result<GovernanceDecision<Grant>> Revoke(GovernanceState state, DepartmentId owner, GrantId id, string reason, DateTimeOffset now)
    {
        if (!Find(state, owner, id).TryGetValue(out var grant, out var refusal))
        {
            return refusal;
        }

        return grant switch
        {
            { RevokeTime: not null } => new GovernanceDecision<Grant>(grant, null),
            { DeclineTime: not null } => GrantSteps.WrongState(grant, now, "there is nothing to revoke"),
            _ when Labels.CheckReason(reason) is { } invalid => invalid,
            _ => new GovernanceDecision<Grant>(grant with { RevokeTime = now, Reason = reason }, new GovernanceEvent.GrantRevoked(id, reason, now)),
        };
    }

    /// <summary>A grant of this owner.</summary>
    public static Result<Grant> Find(GovernanceState state, DepartmentId owner, GrantId id)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Grants.TryGetValue(id.ToString(), out var grant) && grant.Owner == owner
            ? grant
            : NotFound(owner, id);
    }

    /// <summary>There is no such grant, or none that the caller may see.</summary>
    public static Refusal NotFound(DepartmentId owner, GrantId id) => new(RefusalReason.GrantNotFound, $"department `{owner}` gave no grant `{id}`")
    {
        Metadata = new Dictionary<string, string> { ["department"] = owner.ToString(), ["grant"] = id.ToString() },
    };

    private static bool IsSameRequest(Grant earlier, Grant grant) =>
        (earlier.Owner, earlier.Reader, earlier.Resource, earlier.RowFilter, earlier.Mask, earlier.Quota, earlier.Agreement)
            == (grant.Owner, grant.Reader, grant.Resource, grant.RowFilter, grant.Mask, grant.Quota, grant.Agreement)
        && (grant.AgreementVersion is 0 || grant.AgreementVersion == earlier.AgreementVersion)
        && (earlier.StartTime, earlier.RenewalPeriod, earlier.Request) == (grant.StartTime, grant.RenewalPeriod, grant.Request)
        && (earlier.ExpireTime == grant.ExpireTime || earlier.IsRenewed)
        && earlier.Fields.AsSpan().SequenceEqual(grant.Fields.AsSpan())
        && earlier.Purposes.AsSpan().SequenceEqual(grant.Purposes.AsSpan());

    // The version that the owner accepts by offering it.
    private static int CheckAgreement(GovernanceState state, Grant grant, List<FieldViolation> violations)
    {
        if (grant.Agreement is not { } agreement || agreement.Department != grant.Owner || !AgreementRules.Find(state, agreement, 0).TryGetValue(out var current, out _))
        {
            violations.Add(new("grant.agreement", grant.Agreement is null ? "REQUIRED" : "AGREEMENT_NOT_FOUND", $"name one of the agreements of `{grant.Owner}`: `departments/{grant.Owner}/agreements/{{agreement}}`; publish one first if there is none"));
            return 0;
        }

        if (grant.AgreementVersion is not 0 && grant.AgreementVersion != current.Version)
        {
            violations.Add(new("grant.agreement_version", "STALE_VERSION", $"`{agreement}` is in version {current.Version}: read it and give that, or 0"));
        }

        return current.Version;
    }

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
        else if (grant.StartTime >= grant.ExpireTime)
        {
            violations.Add(new("grant.start_time", "OUT_OF_RANGE", "must lie before the end"));
        }

        if (!Enum.IsDefined(grant.RenewalPeriod))
        {
            violations.Add(new("grant.renewal_period", "UNKNOWN_VALUE", "give MONTH, QUARTER or nothing"));
        }

        grant.Quota.Check("grant.quota", violations);

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
