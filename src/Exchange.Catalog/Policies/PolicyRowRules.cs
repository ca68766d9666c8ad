using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which policy rows stand.</summary>
public static class PolicyRowRules
{
    /// <summary>Most policy rows of a hub, base rows not counted.</summary>
    public const int MostRows = 10_000;

    /// <summary>Longest reason in characters.</summary>
    public const int LongestReason = 500;

    /// <summary>Longest condition in characters.</summary>
    public const int LongestCondition = 2_000;

    /// <summary>
    /// Sets a row: adds it, or replaces the one of its id that the same department, or the operator, set. A row that says what
    /// stands already changes nothing. The caller has been authorised for <see cref="PolicyRow.Department"/>.
    /// </summary>
    public static Result<GovernanceDecision<PolicyRow>> Set(GovernanceState state, PolicyRow row, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(row);
        var violations = PolicyRowCheck.Check(state, row);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var current = state.PolicyRows.GetValueOrDefault(row.Id.Value);
        if (current is not null && current.Department != row.Department)
        {
            var setter = current.Department is { } department ? $"department `{department}`" : "the operator";
            return new Refusal(RefusalReason.PolicyRowTaken, $"policy row `{row.Id}` was set by {setter}: choose another id")
            {
                Metadata = new Dictionary<string, string> { ["policy_row"] = row.Id.Value },
            };
        }

        if (current is null && state.PolicyRows.Count >= MostRows)
        {
            return new Refusal(RefusalReason.PolicyRowLimit, $"the hub keeps at most {MostRows} policy rows: remove some first");
        }

        if (current?.SaysAs(row) ?? false)
        {
            return new GovernanceDecision<PolicyRow>(current, null);
        }

        var set = row with { CreateTime = now };
        return new GovernanceDecision<PolicyRow>(set, new GovernanceEvent.PolicyRowSet(set));
    }

    /// <summary>
    /// Removes a row. A department removes its own rows only; null stands for the operator, who removes any. The value is the
    /// row as it stood.
    /// </summary>
    public static Result<GovernanceDecision<PolicyRow>> Remove(
        GovernanceState state, DepartmentId? department, PolicyRowId id, string reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (PolicyRowCheck.Reason(reason, "reason") is { } violation)
        {
            return Refusal.Invalid([violation]);
        }

        if (!state.PolicyRows.TryGetValue(id.ToString(), out var row))
        {
            return new Refusal(RefusalReason.PolicyRowNotFound, id.IsBase
                ? $"`{id}` is a rule of the hub itself and cannot be removed"
                : $"there is no policy row `{id}`: list the policy rows")
            {
                Metadata = new Dictionary<string, string> { ["policy_row"] = id.ToString() },
            };
        }

        if (department is not null && row.Department != department)
        {
            return new Refusal(RefusalReason.NotOwnDepartment, $"`{department}` did not set policy row `{id}`: ask {row.Department?.Value ?? "the operator"}")
            {
                Metadata = new Dictionary<string, string> { ["policy_row"] = id.ToString() },
            };
        }

        return new GovernanceDecision<PolicyRow>(row, new GovernanceEvent.PolicyRowRemoved(id, reason, now));
    }
}
