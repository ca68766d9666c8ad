using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides what the sharing authority and the owners do with access requests. Who may is asked before.</summary>
public static class AccessReviewRules
{
    private const int LongestQuestion = 500;

    /// <summary>The sharing authority finds a request in conformity, or rejects it with a reason.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Check(
        GovernanceState state, AccessRequestId id, DepartmentId by, bool isApproval, string reason, string etag, DateTimeOffset now)
    {
        if (!AccessRequestRules.FindRead(state, id, etag).TryGetValue(out var request, out var refusal))
        {
            return refusal;
        }

        if (by == request.Requester)
        {
            return new Refusal(RefusalReason.FourEyes, "a department does not check its own request: it goes to its owners by itself") { Metadata = new Dictionary<string, string> { ["access_request"] = id.ToString() } };
        }

        if (request.State is not AccessRequestState.ConformityCheck)
        {
            return AccessRequestRules.WrongState(state, request, now, "it waits for no conformity check");
        }

        if ((!isApproval || reason.Length > 0) && Labels.CheckReason(reason) is { } invalid)
        {
            return invalid;
        }

        return isApproval
            ? AccessRequestRules.Moved(AccessRequestRules.WithOwners(state, request, now).Stepped(), AccessRequestStep.Checked, null, by, reason, now)
            : AccessRequestRules.Moved(
                (request with { State = AccessRequestState.Rejected, Clock = null, RejectReason = reason }).Stepped(), AccessRequestStep.Rejected, null, by, reason, now);
    }

    /// <summary>An owner approves its part, or some of it, which offers a grant.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Approve(
        GovernanceState state, AccessRequestId id, DepartmentId owner, ApprovalTerms terms, GrantId grantId, ClientId decider, string reason, string etag, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (!InReview(state, id, owner, etag, now).TryGetValue(out var found, out var refusal))
        {
            return refusal;
        }

        var (request, part) = found;
        if (terms.Fields.Count > part.Fields.Count)
        {
            return Refusal.Invalid("terms.fields", "COUNT", $"give at most the {part.Fields.Count} fields asked of `{owner}`");
        }

        if (request.ExpireTime <= now)
        {
            return Refusal.Invalid("request.expire_time", "OUT_OF_RANGE", "the term that was asked for has passed: reject it");
        }

        ValueList<string> approved = terms.Fields.Count is 0 ? part.Fields : terms.Fields;
        List<FieldViolation> violations = [.. terms.Fields.Index()
            .Where(field => !part.Fields.Contains(field.Item))
            .Select(field => new FieldViolation($"terms.fields[{field.Index}]", "NOT_ASKED_FOR", $"`{field.Item}` is not among the fields asked of `{owner}`"))];
        if ((reason.Length > 0 || approved.Distinct().Count() < part.Fields.Count) && Labels.CheckReason(reason) is { } noReason)
        {
            violations.AddRange(noReason.Violations);
        }

        if (terms.ExpireTime > request.ExpireTime)
        {
            violations.Add(new("terms.expire_time", "OUT_OF_RANGE", "must not lie behind the end that was asked for"));
        }
        else if (terms.ExpireTime <= request.StartTime)
        {
            violations.Add(new("terms.expire_time", "OUT_OF_RANGE", "must lie behind the start that was asked for"));
        }

        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var grant = new Grant
        {
            Id = grantId,
            Owner = owner,
            Reader = request.Requester,
            Resource = request.Resource,
            Fields = [.. approved],
            Purposes = [request.Purpose],
            RowFilter = Both(request.RowFilter, terms.RowFilter),
            Mask = terms.Mask,
            StartTime = request.StartTime,
            ExpireTime = terms.ExpireTime ?? request.ExpireTime,
            Quota = terms.Quota ?? request.Quota,
            RenewalPeriod = terms.RenewalPeriod,
            Agreement = terms.Agreement,
            Request = id,
            Issuer = decider,
        };
        if (!GrantRules.Issue(state, grant, now).TryGetValue(out var issued, out var notIssued))
        {
            return notIssued with { Violations = [.. notIssued.Violations.Select(violation => violation with { Field = OfTerms(violation.Field) })] };
        }

        var decided = part with
        {
            State = AccessRequestState.Approved, ApprovedFields = approved, Grant = grantId, Decider = decider, Reason = reason,
            Clock = Clock.Start(state, state.Settings.Limits.Acceptance, now),
        };
        var moved = AccessRequestRules.Moved(request.With(decided).Stepped(), AccessRequestStep.Approved, owner, owner, reason, now);
        return new GovernanceDecision<AccessRequest>(moved.Value, [.. issued.Events, .. moved.Events]);
    }

    /// <summary>An owner rejects its part with a reason.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Reject(
        GovernanceState state, AccessRequestId id, DepartmentId owner, ClientId decider, string reason, string etag, DateTimeOffset now) =>
        !InReview(state, id, owner, etag, now).TryGetValue(out var found, out var refusal) ? refusal
        : Labels.CheckReason(reason) is { } invalid ? invalid
        : AccessRequestRules.Moved(
            found.Request.With(found.Part with { State = AccessRequestState.Rejected, Reason = reason, Decider = decider, Clock = null }).Stepped(),
            AccessRequestStep.Rejected, owner, owner, reason, now);

    /// <summary>An owner asks the requester something, whose limit begins.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Ask(
        GovernanceState state, AccessRequestId id, DepartmentId owner, string question, string etag, DateTimeOffset now) =>
        !InReview(state, id, owner, etag, now).TryGetValue(out var found, out var refusal) ? refusal
        : Labels.CheckText("question", question, LongestQuestion) is { } invalid ? invalid
        : AccessRequestRules.Moved(
            found.Request.With(found.Part with
            {
                State = AccessRequestState.SupplementNeeded, Question = question, Answer = "", Clock = Clock.Start(state, state.Settings.Limits.Supplement, now),
            }).Stepped(),
            AccessRequestStep.SupplementAsked, owner, owner, question, now);

    /// <summary>An owner hands its part over to the department that owns those fields instead.</summary>
    public static Result<GovernanceDecision<AccessRequest>> HandOver(
        GovernanceState state, AccessRequestId id, DepartmentId owner, DepartmentId to, ClientId decider, string reason, string etag, DateTimeOffset now)
    {
        if (!InReview(state, id, owner, etag, now).TryGetValue(out var found, out var refusal))
        {
            return refusal;
        }

        var (request, part) = found;
        if (CheckReceiver(state, request, part, to) is { Count: > 0 } violations)
        {
            return Refusal.Invalid(violations);
        }

        if (Labels.CheckReason(reason) is { } invalid)
        {
            return invalid;
        }

        var received = new AccessRequestPart { Owner = to, Fields = part.Fields, Clock = Clock.Start(state, state.Settings.Limits.OwnerReview, now) };
        var handed = request.With(part with { State = AccessRequestState.HandedOver, HandedOverTo = to, Reason = reason, Decider = decider, Clock = null });
        return AccessRequestRules.Moved((handed with { Parts = [.. handed.Parts, received] }).Stepped(), AccessRequestStep.HandedOver, owner, owner, reason, now);
    }

    private static List<FieldViolation> CheckReceiver(GovernanceState state, AccessRequest request, AccessRequestPart part, DepartmentId to)
    {
        if (!state.Departments.ContainsKey(to.ToString()))
        {
            return [new("to", "DEPARTMENT_NOT_FOUND", $"there is no department `{to}`")];
        }

        if (to == request.Requester)
        {
            return [new("to", "OWN_DEPARTMENT", $"`{to}` asks: it needs nobody's permission for its own; reject it with that reason")];
        }

        if (request.PartOf(to) is not null)
        {
            return [new("to", "HAS_A_PART", $"`{to}` has a part in this request already: reject yours with a reason instead")];
        }

        var resource = state.LastResource(request.Resource)!;
        List<FieldViolation> violations = [];
        foreach (var name in part.Fields)
        {
            if (!resource.TryGetField(name, out var field) || (field.Owner is OwnerRule.Department { Id: var owner } && owner != to))
            {
                violations.Add(new("to", "NOT_OWNER", $"`{name}` cannot belong to `{to}`"));
            }
            else if (state.SharingOf(to, resource.Id, field).SharingClass is not SharingClass.Conditional and var sharingClass)
            {
                violations.Add(new("to", "NOT_CONDITIONAL", $"`{to}` shares `{name}` as {EnumWords.Of(sharingClass)}: reject it with that reason instead"));
            }
        }

        return violations;
    }

    private static Result<(AccessRequest Request, AccessRequestPart Part)> InReview(GovernanceState state, AccessRequestId id, DepartmentId owner, string etag, DateTimeOffset now)
    {
        if (!AccessRequestRules.FindRead(state, id, etag).TryGetValue(out var request, out var refusal))
        {
            return refusal;
        }

        // Also while the requester owes an answer: nobody waits for ever.
        return request.State is AccessRequestState.OwnerReview && request.PartOf(owner) is { State: AccessRequestState.OwnerReview or AccessRequestState.SupplementNeeded } part
            ? (request, part)
            : AccessRequestRules.WrongState(state, request, now, $"no part of it waits for a decision of `{owner}`", owner);
    }

    private static string Both(string asked, string narrower) =>
        narrower.Length is 0 ? asked : asked.Length is 0 ? narrower : $"({asked}) AND ({narrower})";

    // What the request itself asks for was checked when it was submitted; what no longer holds of it stands under its name.
    private static string OfTerms(string field)
    {
        var part = field.StartsWith("grant.", StringComparison.Ordinal) ? field["grant.".Length..] : "";
        return part switch { "" => field, "reader" or "start_time" => $"request.{part}", _ => $"terms.{part}" };
    }
}
