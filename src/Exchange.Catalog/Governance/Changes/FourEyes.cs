using System.Collections.Immutable;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Governance;

/// <summary>
/// Says what waits for a second steward: changes of grants, sharing lists and policy rows of a department on its fields of level 3 and 4, before or after the change;
/// and for a second operator: rows of the operator for all departments that reach such a field of any. A grant that the operator gives or renews for a department waits
/// for its steward whatever the level, for both sides accept a grant. To revoke one waits for nobody.
/// </summary>
public static class FourEyes
{
    private const int MostPending = 1_000;

    /// <summary>
    /// The change that these facts become instead of happening; null when they happen. Refused: CHANGE_PENDING while another waits that is about the same thing,
    /// PENDING_CHANGE_LIMIT at 1 000 of a department. The very grant that waits already is answered with the change that waits.
    /// </summary>
    /// <param name="state">Governance before them.</param>
    /// <param name="author">Who decided them. Only stewards and the operator wait for others.</param>
    /// <param name="events">The facts.</param>
    /// <param name="id">Id of the change, if it becomes one.</param>
    /// <param name="now">The time.</param>
    public static Result<(PendingChange? Change, bool IsNew)> Hold(
        GovernanceState state, Caller author, ImmutableArray<GovernanceEvent> events, PendingChangeId id, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(author);
        if (author.Role is not (Role.Steward or Role.Operator) || events.Any(happened => happened is GovernanceEvent.ChangeReviewed))
        {
            return (null, false);
        }

        var touched = events.SelectMany(happened => Touched(state, happened, author)).ToList();
        if (touched is [])
        {
            return (null, false);
        }

        var sensitive = events.SelectMany(happened => Touched(state, happened, author with { Role = Role.Steward })).ToList();
        var department = touched[0].Owner;
        var things = events.Select(ThingOf).ToHashSet(StringComparer.Ordinal);
        if (state.PendingChanges.Values.FirstOrDefault(change => change.Events.Any(happened => things.Contains(ThingOf(happened)))) is { } waiting)
        {
            return waiting.Author == author.Client && events is [GovernanceEvent.GrantIssued]
                ? (waiting, false)
                : new Refusal(RefusalReason.ChangePending, $"the change `{waiting.Id}` is about the same and waits for {SecondOf(waiting)}: have it approved or rejected first")
                {
                    Metadata = new Dictionary<string, string> { ["pending_change"] = NameOf(waiting) },
                };
        }

        if (state.PendingChanges.Values.Count(change => change.Department == department) >= MostPending)
        {
            return new Refusal(RefusalReason.PendingChangeLimit, $"{MostPending} changes wait for a second person of `{department}`: have some approved or rejected first");
        }

        return (new PendingChange
        {
            Id = id,
            Department = department,
            Author = author.Client,
            Time = now,
            Fields = [.. (sensitive is [] ? touched : sensitive).Select(field => (field.Resource, field.Field)).Distinct().OrderBy(field => field.Resource.Value, StringComparer.Ordinal).ThenBy(field => field.Field, StringComparer.Ordinal)],
            Events = events,
        }, true);
    }

    /// <summary>
    /// A second steward, or operator, approves or rejects: who decided the change may only reject it, and no machine approves what a person decided, or where people
    /// of its role have accounts. Refused:
    /// CHANGE_NOT_FOUND, ROLE_REQUIRED, FOUR_EYES, CHANGE_OUTDATED when what it was decided on is another now, and a rejection without reason.
    /// </summary>
    public static Result<GovernanceDecision<PendingChange>> Review(
        GovernanceState state, DepartmentId department, PendingChangeId id, Caller reviewer, bool isApproval, string reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(reviewer);
        ArgumentNullException.ThrowIfNull(reason);
        if (state.PendingChanges.GetValueOrDefault(id.ToString()) is not { } change || change.Department != department)
        {
            return new Refusal(RefusalReason.ChangeNotFound, $"no change `{id}` waits for a second steward of `{department}`")
            {
                Metadata = new Dictionary<string, string> { ["pending_change"] = id.ToString() },
            };
        }

        if ((change.IsHubs ? GovernanceRoles.RequireOperator(reviewer) : GovernanceRoles.RequireSteward(reviewer, department)) is { } notOne)
        {
            return notOne;
        }

        if ((!isApproval || reason.Length > 0) && Labels.CheckReason(reason) is { } invalid)
        {
            return invalid;
        }

        var reviewed = new GovernanceEvent.ChangeReviewed(id, department, reviewer.Client, isApproval, reason, now);
        if (!isApproval)
        {
            return new GovernanceDecision<PendingChange>(change, reviewed);
        }

        if (!IsSecond(state, change.Author, reviewer))
        {
            return new Refusal(RefusalReason.FourEyes, $"another person than who asked for it approves a change: have {(change.IsHubs ? "another operator" : $"another steward of `{department}`")} do it")
            {
                Metadata = new Dictionary<string, string> { ["pending_change"] = NameOf(change) },
            };
        }

        return IsOutdated(state, change, now)
            ? new Refusal(RefusalReason.ChangeOutdated, "what this change is about changed since it was asked for: reject it, look, and ask for it anew")
            {
                Metadata = new Dictionary<string, string> { ["pending_change"] = NameOf(change) },
            }
            : new GovernanceDecision<PendingChange>(change, [reviewed, .. change.Events.Select(happened => OnNewest(state, happened))]);
    }

    /// <summary>
    /// The refusal of a revision that is published without a review though it adds shared fields of level 3 or 4, changes level, class, condition or mask of fields that
    /// were or become so on anybody's list, or, where there are such fields, the category or department, by which policy rows reach them; null when it changes none, or the resource is new.
    /// </summary>
    public static Refusal? RequireReview(GovernanceState state, ResourceDefinition next)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(next);
        return Reclassified(state, state.Resources.GetValueOrDefault(next.Id.Value), next).FirstOrDefault() is not { } first ? null
            : new Refusal(RefusalReason.FourEyes, $"`{first.Name}` is of level 3 or 4: how it is shared changes by a draft of the resource, which another person reviews")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = next.Id.Value, ["field"] = first.Name },
            };
    }

    /// <summary>
    /// The refusal of a draft that shares such a field otherwise though another department than the one that keeps the resource owns it: that one's sharing list says
    /// how. Null when there is none.
    /// </summary>
    public static Refusal? RequireOwnFields(GovernanceState state, ResourceDefinition next)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(next);
        var current = state.LastResource(next.Id);
        return Reclassified(state, current, next, bySharingAlone: true).FirstOrDefault(field => field.Owner is OwnerRule.Department { Id: var id } && id != current!.Department) is not { Owner: OwnerRule.Department owner } other ? null
            : new Refusal(RefusalReason.FourEyes, $"`{other.Name}` is of level 3 or 4 and owned by `{owner.Id}`: leave it as it is here, a new one not shared, and ask that department to change its sharing list")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = next.Id.Value, ["field"] = other.Name, ["department"] = owner.Id.Value },
            };
    }

    /// <summary>
    /// The refusal of an approval of such a draft by who is no steward of the department that keeps the resource, or by a machine in the place of people; null when the
    /// reviewer may approve what these wrote and submitted.
    /// </summary>
    public static Refusal? RequireOwner(GovernanceState state, ResourceDefinition next, Caller reviewer, params IEnumerable<ClientId> authors)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(reviewer);
        var current = state.LastResource(next.Id);
        return Reclassified(state, current, next).FirstOrDefault() is not { } first
            || (reviewer.Role is Role.Steward && reviewer.Department == current!.Department && authors.All(author => IsSecond(state, author, reviewer))) ? null
            : new Refusal(RefusalReason.FourEyes, $"`{first.Name}` is of level 3 or 4: a steward of `{current!.Department}` approves how it is shared otherwise, and another person than who wrote it")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = next.Id.Value, ["field"] = first.Name, ["department"] = current.Department.Value },
            };
    }

    // Fields that were or become of level 3 or 4, new ones that are shared too, and are shared otherwise from now on: by themselves, or because policy rows reach them otherwise.
    private static IEnumerable<FieldDefinition> Reclassified(GovernanceState state, ResourceDefinition? current, ResourceDefinition next, bool bySharingAlone = false) =>
        from field in next.Fields
        where current is not null && (current.TryGetField(field.Number, out var was)
            ? (field.Level >= Level.Sensitive || IsSensitiveOfAnybody(state, current, was))
                && ((was.Level, was.SharingClass, was.OpenClass, was.Terms, was.Mask) != (field.Level, field.SharingClass, field.OpenClass, field.Terms, field.Mask)
                    || (!bySharingAlone && (current.Category, current.Department) != (next.Category, next.Department)))
            : field is { Level: >= Level.Sensitive, SharingClass: not SharingClass.NotShared })
        select field;

    /// <summary>Name of a change, as the public contract says it.</summary>
    public static string NameOf(PendingChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return $"departments/{change.Department}/pendingChanges/{change.Id}";
    }

    /// <summary>What facts are decided on, as it stands: the thing that each is about, and its resource.</summary>
    internal static ImmutableArray<object?> BasesOf(GovernanceState state, IEnumerable<GovernanceEvent> events) => [.. events.SelectMany(happened => BasesOf(state, happened))];

    private static object?[] BasesOf(GovernanceState state, GovernanceEvent happened) => happened switch
    {
        GovernanceEvent.SharingListChanged { SharingList: var list } =>
        [
            state.SharingLists.GetValueOrDefault(new SharingListKey(list.Department, list.Resource)), state.Resources.GetValueOrDefault(list.Resource.Value),
        ],
        GovernanceEvent.GrantIssued { Grant: var grant } =>
        [
            state.Grants.GetValueOrDefault(grant.Id.Value), state.Resources.GetValueOrDefault(grant.Resource.Value),
            grant.Agreement is { } agreement ? state.Agreements.GetValueOrDefault(agreement.ToString()) is { } versions ? versions.Length : 0 : null,
        ],
        GovernanceEvent.GrantMoved { Grant: var grant } => [state.Grants.GetValueOrDefault(grant.Id.Value), state.Resources.GetValueOrDefault(grant.Resource.Value)],
        GovernanceEvent.AccessRequestMoved { Owner: { } owner, Request: var request } => [PartOf(state, request.Id, owner)],
        GovernanceEvent.PolicyRowSet { Row: var row } => [state.PolicyRows.GetValueOrDefault(row.Id.Value)],
        GovernanceEvent.PolicyRowRemoved e => [state.PolicyRows.GetValueOrDefault(e.Row.Value)],
        _ => [],
    };

    // Other owners decide their parts meanwhile, and limits come near: neither makes this owner's part another.
    private static AccessRequestPart? PartOf(GovernanceState state, AccessRequestId id, DepartmentId owner) =>
        state.AccessRequests.GetValueOrDefault(id.Value) is { State: AccessRequestState.OwnerReview } request && request.PartOf(owner) is { } part ? part with { Clock = null } : null;

    private static bool IsOutdated(GovernanceState state, PendingChange change, DateTimeOffset now) =>
        !BasesOf(state, change.Events).SequenceEqual(change.Bases, BaseComparer.Instance)
        || change.Events.Any(happened => happened is GovernanceEvent.GrantIssued { Grant: var issued } && issued.ExpireTime <= now)
        || change.Events.Any(happened => happened is GovernanceEvent.GrantMoved { Grant: var moved } && !state.Grants[moved.Id.Value].MayCountAt(now))
        || change.Events.Any(happened => happened is GovernanceEvent.SharingListChanged or GovernanceEvent.GrantIssued && ResourceOf(happened) is { } id && !state.Resources.ContainsKey(id.Value));

    private static GovernanceEvent OnNewest(GovernanceState state, GovernanceEvent happened) =>
        happened is GovernanceEvent.AccessRequestMoved { Owner: { } owner } e && e.Request.PartOf(owner) is { } part
            ? e with { Request = state.AccessRequests[e.Request.Id.Value].With(part).Stepped() }
            : happened;

    private static ResourceId? ResourceOf(GovernanceEvent happened) => happened switch
    {
        GovernanceEvent.SharingListChanged e => e.SharingList.Resource,
        GovernanceEvent.GrantIssued e => e.Grant.Resource,
        _ => null,
    };

    private static string ThingOf(GovernanceEvent happened) => happened switch
    {
        GovernanceEvent.SharingListChanged e => $"sharing list {e.SharingList.Department} {e.SharingList.Resource}",
        GovernanceEvent.GrantIssued e => $"grant {e.Grant.Id}",
        GovernanceEvent.GrantMoved e => $"grant {e.Grant.Id}",
        GovernanceEvent.AccessRequestMoved e => $"access request {e.Request.Id} {e.Owner}",
        GovernanceEvent.PolicyRowSet e => $"policy row {e.Row.Id}",
        GovernanceEvent.PolicyRowRemoved e => $"policy row {e.Row}",
        _ => happened.GetType().Name,
    };

    // Another one, and no machine for what a person decided.
    private static bool IsSecond(GovernanceState state, ClientId author, Caller reviewer) =>
        author != reviewer.Client && (UserId.Of(reviewer.Client) is not null || (UserId.Of(author) is null && !HasPeople(state, reviewer)));

    // Where people with accounts decide, no machine does it for them, whoever holds its key.
    private static bool HasPeople(GovernanceState state, Caller like) =>
        state.Users.Values.Any(user => user.Department == like.Department && user.Role == like.Role && user.MaySignIn);

    private static string SecondOf(PendingChange change) => change.IsHubs ? "a second operator" : $"a second steward of `{change.Department}`";

    // Whose second person looks at it: the owner's, or the author's own for rows of the operator, which have no owner.
    private static IEnumerable<(DepartmentId Owner, ResourceId Resource, string Field)> Touched(GovernanceState state, GovernanceEvent happened, Caller author) => happened switch
    {
        GovernanceEvent.SharingListChanged { SharingList: var next } => OfList(state, next),
        GovernanceEvent.GrantIssued { Grant: var grant } => OfGrant(state, grant, author),
        GovernanceEvent.GrantMoved { Step: GrantStep.Renewed, Grant: var grant } => OfGrant(state, grant, author),
        GovernanceEvent.PolicyRowSet { Row: var row } => new[] { row, state.PolicyRows.GetValueOrDefault(row.Id.Value) }.OfType<PolicyRow>().SelectMany(one => OfRow(state, one, author.Department)),
        GovernanceEvent.PolicyRowRemoved e => OfRow(state, state.PolicyRows[e.Row.Value], author.Department),
        _ => [],
    };

    private static IEnumerable<(DepartmentId, ResourceId, string)> OfList(GovernanceState state, SharingList next)
    {
        var current = state.SharingListOf(next.Department, next.Resource).Entries;
        var changed = current.Except(next.Entries).Concat(next.Entries.Except(current)).Select(entry => entry.FieldNumber).ToHashSet();
        return
            from field in state.Resources.GetValueOrDefault(next.Resource.Value)?.Fields ?? []
            where changed.Contains(field.Number)
            where IsSensitive(state.SharingOf(next.Department, next.Resource, field)) || (next.TryGetEntry(field.Number, out var entry) ? IsSensitive(entry) : field.Level >= Level.Sensitive)
            select (next.Department, next.Resource, field.Name);
    }

    private static IEnumerable<(DepartmentId, ResourceId, string)> OfGrant(GovernanceState state, Grant grant, Caller author) =>
        from field in state.Resources.GetValueOrDefault(grant.Resource.Value)?.Fields ?? []
        where grant.Fields.Contains(field.Name) && (author.Role is Role.Operator || IsSensitive(state.SharingOf(grant.Owner, grant.Resource, field)))
        select (grant.Owner, grant.Resource, field.Name);

    private static IEnumerable<(DepartmentId, ResourceId, string)> OfRow(GovernanceState state, PolicyRow row, DepartmentId author) =>
        from resource in state.Resources.Values
        where PolicyReach.MayTouch(row, resource, state)
        from field in resource.Fields
        where PolicyReach.MayName(row, field)
        where row.Department is { } department
            ? row.Effect is RuleEffect.Deny ? IsSensitiveOfAnybody(state, resource, field)
                : (field.Owner is not OwnerRule.Department { Id: var owner } || owner == department) && IsSensitive(state.SharingOf(department, resource.Id, field))
            : IsSensitiveOfAnybody(state, resource, field)
        select (row.Department ?? author, resource.Id, field.Name);

    // Whoever owns it, in some record: each department's list may say another level.
    private static bool IsSensitiveOfAnybody(GovernanceState state, ResourceDefinition resource, FieldDefinition field) =>
        field.Level >= Level.Sensitive
        || state.SharingLists.Values.Any(list => list.Resource == resource.Id && list.TryGetEntry(field.Number, out var entry) && IsSensitive(entry));

    private static bool IsSensitive(SharingEntry entry) => entry.Level >= Level.Sensitive;

    // States keep what did not change; numbers and parts are compared as what they say.
    private sealed class BaseComparer : IEqualityComparer<object?>
    {
        public static BaseComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) => x is AccessRequestPart or int ? x.Equals(y) : ReferenceEquals(x, y);

        public int GetHashCode(object? obj) => 0;
    }
}
