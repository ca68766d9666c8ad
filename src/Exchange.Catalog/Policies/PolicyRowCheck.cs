using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog;

/// <summary>Tells what is wrong with a policy row: all of it at once.</summary>
internal static class PolicyRowCheck
{
    private const string OnlyForbids = "ONLY_FORBIDS";
    private const string SubjectPath = "policy_row.subject";

    /// <summary>Everything that speaks against setting the row.</summary>
    public static List<FieldViolation> Check(GovernanceState state, PolicyRow row)
    {
        List<FieldViolation> violations = [];
        if (!PolicyRowId.IsValid(row.Id.Value))
        {
            violations.Add(new("policy_row.name", "INVALID_ID", "must be `policyRows/{id}` with an id of 2 to 60 of `a-z 0-9 -`, starting with a letter"));
        }

        if (row.Department is { } department && !state.Departments.ContainsKey(department.Value))
        {
            violations.Add(new("policy_row.department", "DEPARTMENT_NOT_FOUND", $"there is no department `{department}`: list the departments"));
        }

        if (row.Effect is not (RuleEffect.Allow or RuleEffect.Deny))
        {
            violations.Add(new("policy_row.effect", "REQUIRED", "give permit or forbid"));
        }

        if (Reason(row.Reason, "policy_row.reason") is { } violation)
        {
            violations.Add(violation);
        }

        CheckActions(row, violations);
        CheckAdministering(row, violations);
        CheckSubject(state, row.Subject, violations);
        PolicyRowScope.Check(state, row, violations);
        CheckCondition(state, row, violations);
        if (row.Effect is RuleEffect.Deny && !row.Mask.IsUnspecified)
        {
            violations.Add(new("policy_row.mask", "NOT_APPLICABLE", "a mask is only for what is permitted"));
        }

        return violations;
    }

    /// <summary>What is wrong with the reason given for a change; null when nothing is.</summary>
    public static FieldViolation? Reason(string? reason, string path) => Syntax.IsLabel(reason, 1, PolicyRowRules.LongestReason) && !string.IsNullOrWhiteSpace(reason)
        ? null
        : new(path, "REQUIRED", $"say why, in 1 to {PolicyRowRules.LongestReason} characters without control characters");

    private static void CheckActions(PolicyRow row, List<FieldViolation> violations)
    {
        if (row.Actions.IsDefaultOrEmpty)
        {
            violations.Add(new("policy_row.actions", "REQUIRED", "name at least one action"));
            return;
        }

        foreach (var (index, action) in row.Actions.Index())
        {
            var path = $"policy_row.actions[{index}]";
            if (!Enum.IsDefined(action) || action is PolicyAction.Unspecified)
            {
                violations.Add(new(path, "UNKNOWN_VALUE", "give one of the actions"));
            }
            else if (row.Effect is RuleEffect.Allow && action is PolicyAction.Write or PolicyAction.Propose)
            {
                violations.Add(new(path, OnlyForbids, "a row on WRITE or PROPOSE only forbids: who writes a field says its owner rule; change it in the catalog"));
            }
            else if (row.Effect is RuleEffect.Allow && action is PolicyAction.Administer)
            {
                violations.Add(new(path, OnlyForbids, "a row on ADMINISTER only forbids: who administers says the role of a client; ask the operator to register one"));
            }
            else if (row.Actions.IndexOf(action) < index)
            {
                violations.Add(new(path, "DUPLICATE", "stands here twice"));
            }
        }
    }

    private static void CheckAdministering(PolicyRow row, List<FieldViolation> violations)
    {
        if (row.Actions.IsDefaultOrEmpty || !row.Actions.Contains(PolicyAction.Administer))
        {
            return;
        }

        if (row.Subject == PolicySubject.Of(Role.Operator))
        {
            violations.Add(new(SubjectPath, "OPERATOR_NOT_BOUND", "nothing forbids the operator to administer, or one row could lock everybody out: name departments, levels or another role"));
        }

        if (row.RowFilter.Length > 0)
        {
            violations.Add(new("policy_row.row_filter", "NOT_APPLICABLE", "no record is administered: forbid ADMINISTER in a row of its own, without row filter"));
        }
    }

    private static void CheckSubject(GovernanceState state, string subject, List<FieldViolation> violations)
    {
        if (subject.StartsWith("users/", StringComparison.Ordinal))
        {
            violations.Add(new(SubjectPath, "USER_NOT_FOUND", "the hub has no users yet: name a department, level or role"));
        }
        else if (subject.StartsWith("departments/", StringComparison.Ordinal))
        {
            if (!state.Departments.ContainsKey(subject["departments/".Length..]))
            {
                violations.Add(new(SubjectPath, "DEPARTMENT_NOT_FOUND", $"there is no department `{Shorten(subject["departments/".Length..])}`: list the departments"));
            }
        }
        else if (subject != PolicySubject.Everybody && !PolicySubject.Levels.Any(level => PolicySubject.Of(level) == subject)
            && !PolicySubject.Roles.Any(role => PolicySubject.Of(role) == subject))
        {
            violations.Add(new(SubjectPath, "INVALID_SUBJECT", "must be `*`, `departments/{id}`, `levels/{level}` or `roles/{role}`"));
        }
    }

    private static void CheckCondition(GovernanceState state, PolicyRow row, List<FieldViolation> violations)
    {
        const string Path = "policy_row.condition";
        if (row.Condition.Length > PolicyRowRules.LongestCondition)
        {
            violations.Add(new(Path, "TOO_LONG", $"a condition has at most {PolicyRowRules.LongestCondition} characters"));
        }
        else if (HubModel.Complaint(row.Condition, CallerAttributes.NamesIn(state)) is { } complaint)
        {
            violations.Add(new(Path, "INVALID_CONDITION", complaint));
        }
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
