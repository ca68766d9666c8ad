using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides what a requester does with its access requests. Who may is asked before.</summary>
public static class AccessRequestRules
{
    /// <summary>Most open requests of one department.</summary>
    public const int MostOpen = 1_000;

    private const int LongestText = 4_000;
    private const int LongestName = 100;

    /// <summary>Creates a request's draft or replaces what it says.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Save(GovernanceState state, AccessRequest request, ClientId author, string etag, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(etag);
        if (CheckDraft(state, request) is { Count: > 0 } violations)
        {
            return Refusal.Invalid(violations);
        }

        var current = state.AccessRequests.GetValueOrDefault(request.Id.Value);
        if (current is not null && current.Requester != request.Requester)
        {
            return new Refusal(RefusalReason.AccessRequestTaken, "the id is taken: choose another UUID");
        }

        if (current is { State: not AccessRequestState.Draft })
        {
            // The same again: whoever repeats a call does not care how far it got.
            return current.AsksAs(request) ? new GovernanceDecision<AccessRequest>(current, null) : WrongState(state, current, now, "only a draft is changed: withdraw it and make another");
        }

        if (current?.AsksAs(request) is true)
        {
            return new GovernanceDecision<AccessRequest>(current, null);
        }

        if (etag.Length > 0 && etag != (current?.Etag ?? ""))
        {
            return Stale(request.Id);
        }

        if (current is null && state.AccessRequests.Values.Count(other => other.Requester == request.Requester && other.IsOpenIn(state, now)) >= MostOpen)
        {
            return new Refusal(RefusalReason.AccessRequestLimit, $"a department has at most {MostOpen} open requests: submit, withdraw or accept some")
            {
                Metadata = new Dictionary<string, string> { ["limit"] = $"{MostOpen}", ["department"] = request.Requester.Value },
            };
        }

        var saved = request with
        {
            State = AccessRequestState.Draft, Author = author, CreateTime = current?.CreateTime ?? now, Revision = (current?.Revision ?? 0) + 1,
            Parts = [], SubmitTime = null, Clock = null, RejectReason = "",
        };
        return Moved(saved, AccessRequestStep.Saved, null, saved.Requester, "", now);
    }

    /// <summary>Submits a draft: to the sharing authority where the hub has one, to the owners where it has none or the authority itself asks. Only what needs a request is asked for.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Submit(GovernanceState state, AccessRequestId id, string etag, DateTimeOffset now)
    {
        if (!Find(state, id, etag).TryGetValue(out var request, out var refusal))
        {
            return refusal;
        }

        if (request.State is not AccessRequestState.Draft)
        {
            return WrongState(state, request, now, "only a draft is submitted");
        }

        var needs = RequestNeeds.Of(state, request, now);
        if (needs.Violations.Count > 0)
        {
            return Refusal.Invalid(needs.Violations);
        }

        var submitted = request with { Parts = [.. needs.Parts.Select(part => new AccessRequestPart { Owner = part.Owner, Fields = part.Fields })], SubmitTime = now };
        submitted = state.Settings.SharingAuthority is null || state.Settings.SharingAuthority == request.Requester
            ? WithOwners(state, submitted, now)
            : submitted with { State = AccessRequestState.ConformityCheck, Clock = Clock.Start(state, state.Settings.Limits.ConformityCheck, now) };
        return Moved(submitted.Stepped(), AccessRequestStep.Submitted, null, request.Requester, "", now);
    }

    /// <summary>Answers an owner's question, whose limit begins anew.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Supplement(
        GovernanceState state, AccessRequestId id, DepartmentId owner, string answer, string etag, DateTimeOffset now)
    {
        if (!FindRead(state, id, etag).TryGetValue(out var request, out var refusal))
        {
            return refusal;
        }

        if (request.PartOf(owner) is not { State: AccessRequestState.SupplementNeeded } part || request.State is not AccessRequestState.OwnerReview)
        {
            return WrongState(state, request, now, $"`{owner}` waits for no answer");
        }

        if (Labels.CheckText("answer", answer, RequestNeeds.LongestScene) is { } invalid)
        {
            return invalid;
        }

        var answered = part with { State = AccessRequestState.OwnerReview, Answer = answer, Clock = Clock.Start(state, state.Settings.Limits.OwnerReview, now) };
        return Moved(request.With(answered).Stepped(), AccessRequestStep.Supplemented, owner, request.Requester, answer, now);
    }

    /// <summary>Takes back what is not decided yet, or gives a draft up.</summary>
    public static Result<GovernanceDecision<AccessRequest>> Withdraw(GovernanceState state, AccessRequestId id, string etag, DateTimeOffset now)
    {
        if (!Find(state, id, etag).TryGetValue(out var request, out var refusal))
        {
            return refusal;
        }

        if (request.State is AccessRequestState.Draft or AccessRequestState.ConformityCheck)
        {
            return Moved((request with { State = AccessRequestState.Withdrawn, Clock = null }).Stepped(), AccessRequestStep.Withdrawn, null, request.Requester, "", now);
        }

        if (request.State is not AccessRequestState.OwnerReview || !request.Parts.Any(IsUndecided))
        {
            return WrongState(state, request, now, "nothing of it waits for a decision; an offered grant is declined, one in force is the owner's to revoke");
        }

        var withdrawn = request with
        {
            Parts = [.. request.Parts.Select(part => IsUndecided(part) ? part with { State = AccessRequestState.Withdrawn, Clock = null } : part)],
        };
        return Moved(withdrawn.Stepped(), AccessRequestStep.Withdrawn, null, request.Requester, "", now);
    }

    /// <summary>A request by its id.</summary>
    public static Result<AccessRequest> Find(GovernanceState state, AccessRequestId id)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.AccessRequests.TryGetValue(id.ToString(), out var request) ? request : NotFound(id);
    }

    /// <summary>There is no such request, or none that the caller may see.</summary>
    public static Refusal NotFound(AccessRequestId id) => new(RefusalReason.AccessRequestNotFound, $"there is no access request `{id}`: list yours")
    {
        Metadata = new Dictionary<string, string> { ["access_request"] = id.ToString() },
    };

    /// <summary>Hands a request to its owners, whose limits begin.</summary>
    internal static AccessRequest WithOwners(GovernanceState state, AccessRequest request, DateTimeOffset now)
    {
        var clock = Clock.Start(state, state.Settings.Limits.OwnerReview, now);
        return request with { State = AccessRequestState.OwnerReview, Clock = null, Parts = [.. request.Parts.Select(part => part with { Clock = clock })] };
    }

    internal static Result<AccessRequest> FindRead(GovernanceState state, AccessRequestId id, string etag) =>
        string.IsNullOrEmpty(etag) ? Refusal.Invalid("etag", "REQUIRED", "give the etag of the request that was read") : Find(state, id, etag);

    internal static GovernanceDecision<AccessRequest> Moved(AccessRequest request, AccessRequestStep step, DepartmentId? owner, DepartmentId? by, string text, DateTimeOffset now) =>
        new(request, new GovernanceEvent.AccessRequestMoved(request, step, owner, by, text, now));

    internal static Refusal WrongState(GovernanceState state, AccessRequest request, DateTimeOffset now, string next, DepartmentId? owner = null)
    {
        var part = owner is { } id ? request.PartOf(id) : null;
        var name = EnumWords.Of(part is not null && request.State is AccessRequestState.OwnerReview ? part.StateIn(state, now) : request.StateIn(state, now));
        return new(RefusalReason.WrongState, $"access request `{request.Id}` is in {name}: {next}")
        {
            Metadata = new Dictionary<string, string> { ["access_request"] = request.Id.ToString(), ["state"] = name },
        };
    }

    private static Result<AccessRequest> Find(GovernanceState state, AccessRequestId id, string etag)
    {
        ArgumentNullException.ThrowIfNull(etag);
        var found = Find(state, id);
        return found.IsRefused || etag.Length is 0 || etag == found.Value.Etag ? found : Stale(id);
    }

    private static Refusal Stale(AccessRequestId id) => new(RefusalReason.StaleEtag, $"access request `{id}` has changed: read it again and retry")
    {
        Metadata = new Dictionary<string, string> { ["access_request"] = id.ToString() },
    };

    private static bool IsUndecided(AccessRequestPart part) => part.State is AccessRequestState.OwnerReview or AccessRequestState.SupplementNeeded;

    // What even a draft must be: somebody's, under an id, and no larger than a request.
    private static List<FieldViolation> CheckDraft(GovernanceState state, AccessRequest request)
    {
        List<FieldViolation> violations = [];
        if (!AccessRequestId.IsValid(request.Id.Value))
        {
            violations.Add(new("request.name", "INVALID_ID", "must be `accessRequests/{access_request}` with a UUID such as `3f0c2c1e-5a0b-4c1e-9d7e-2b8a4c6d1e0f`"));
        }

        if (!state.Departments.ContainsKey(request.Requester.ToString()))
        {
            violations.Add(new("request.requester", "DEPARTMENT_NOT_FOUND", $"there is no department `{request.Requester}`"));
        }

        Count("fields", request.Fields.Count, RequestNeeds.MostFields);
        Count("owners", request.Owners.Count, RequestNeeds.MostOwners);
        if (request.Fields.Append(request.Resource.Value).Concat(request.Owners.Select(owner => owner.Value)).Any(name => name.Length > LongestName))
        {
            violations.Add(new("request", "INVALID_NAME", $"names of fields, owners and the resource have at most {LongestName} characters"));
        }

        Length("scene", request.Scene);
        Length("row_filter", request.RowFilter);
        Length("basis.text", request.Basis.Text);
        return violations;

        void Count(string part, int count, int most)
        {
            if (count > most)
            {
                violations.Add(new($"request.{part}", "COUNT", $"give at most {most}"));
            }
        }

        void Length(string part, string text)
        {
            if (text.Length > LongestText || text.Contains('\0', StringComparison.Ordinal))
            {
                violations.Add(new($"request.{part}", "INVALID_TEXT", $"must be at most {LongestText} characters"));
            }
        }
    }
}
