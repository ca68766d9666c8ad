using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides how drafts of resources are written, submitted and reviewed. Who may is asked before.</summary>
public static class CatalogDraftRules
{
    /// <summary>Most open drafts of one department.</summary>
    public const int MostDrafts = 1_000;

    /// <summary>Creates or replaces a draft. It may be unpublishable, but its id and department must be good.</summary>
    /// <param name="state">State to decide on.</param>
    /// <param name="draft">What the resource shall be.</param>
    /// <param name="author">Who saves it.</param>
    /// <param name="etag">Etag of the draft that is replaced; empty when the author does not mind.</param>
    /// <param name="now">When.</param>
    public static Result<GovernanceDecision<CatalogDraft>> Save(GovernanceState state, ResourceDraft draft, ClientId author, string etag, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(etag);
        var violations = ResourceRules.CheckDraft(state, draft);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var current = Open(state, draft.Id);
        if (current is { State: ResourceState.Draft } && IsSame(current.Content, draft))
        {
            return new GovernanceDecision<CatalogDraft>(current, (GovernanceEvent?)null);
        }

        if (etag.Length > 0 && etag != (current?.EtagIn(state) ?? ""))
        {
            return Stale(draft.Id);
        }

        if (current is null && state.Drafts.Values.Count(other => other.IsOpen && other.Content.Department == draft.Department) >= MostDrafts)
        {
            return new Refusal(RefusalReason.DraftLimit, $"a department has at most {MostDrafts} open drafts: submit or delete some")
            {
                Metadata = new Dictionary<string, string> { ["limit"] = $"{MostDrafts}", ["department"] = draft.Department.Value },
            };
        }

        var saved = new GovernanceEvent.ResourceDraftSaved(draft, author, now);
        return new GovernanceDecision<CatalogDraft>(CatalogDraft.Saved(state.Drafts.GetValueOrDefault(draft.Id.Value), saved), saved);
    }

    /// <summary>Submits a draft that can be published as it is.</summary>
    public static Result<GovernanceDecision<CatalogDraft>> Submit(GovernanceState state, ResourceId resource, ClientId submitter, string etag, DateTimeOffset now)
    {
        var found = Find(state, resource, etag);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        if (found.Value.State is ResourceState.PublishReview)
        {
            return WrongState(resource, found.Value.State, "it waits for its review already");
        }

        var preview = ResourceRules.Publish(state, found.Value.Content, now);
        if (preview.IsRefused)
        {
            return preview.Refusal;
        }

        if (preview.Value.Event is null)
        {
            return WrongState(resource, found.Value.State, "it says what is published already: change it first, or delete it");
        }

        if (FourEyes.RequireOwnFields(state, preview.Value.Value) is { } notOwn)
        {
            return notOwn;
        }

        var submitted = new GovernanceEvent.ResourceDraftSubmitted(resource, submitter, now);
        return new GovernanceDecision<CatalogDraft>(found.Value.Submitted(submitted), submitted);
    }

    /// <summary>Approves a submitted draft: publishes it as it stands.</summary>
    public static Result<GovernanceDecision<ResourceDefinition>> Approve(GovernanceState state, ResourceId resource, ClientId reviewer, string etag, DateTimeOffset now)
    {
        var found = InReview(state, resource, reviewer, etag);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        var published = ResourceRules.Publish(state, found.Value.Content, now);
        return published.IsRefused
            ? published.Refusal
            : new GovernanceDecision<ResourceDefinition>(published.Value.Value, [.. published.Value.Events, new GovernanceEvent.ResourceDraftEnded(resource, IsApproved: true)]);
    }

    /// <summary>Sends a submitted draft back with a reason.</summary>
    public static Result<GovernanceDecision<CatalogDraft>> Reject(GovernanceState state, ResourceId resource, ClientId reviewer, string etag, string reason)
    {
        var found = InReview(state, resource, reviewer, etag);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        if (Labels.CheckReason(reason) is { } invalid)
        {
            return invalid;
        }

        var rejected = new GovernanceEvent.ResourceDraftRejected(resource, reason);
        return new GovernanceDecision<CatalogDraft>(found.Value.Rejected(rejected), rejected);
    }

    /// <summary>Gives a draft up.</summary>
    public static Result<GovernanceDecision<CatalogDraft>> Delete(GovernanceState state, ResourceId resource, string etag)
    {
        var found = Find(state, resource, etag);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        var ended = new GovernanceEvent.ResourceDraftEnded(resource, IsApproved: false);
        return new GovernanceDecision<CatalogDraft>(found.Value.Ended(ended), ended);
    }

    /// <summary>What an open draft would publish now, and what speaks against it: its own faults, or what it would break. One of both.</summary>
    public static (ResourceDefinition? Next, IReadOnlyList<FieldViolation> Violations) Preview(GovernanceState state, CatalogDraft draft, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var published = ResourceRules.Publish(state, draft.Content, now);
        return published.Refusal switch
        {
            null => (published.Value.Value, []),
            { Violations: { Count: > 0 } violations } refusal => (
                null, refusal.Reason == RefusalReason.BreakingChange ? [.. violations.Select(violation => violation with { Field = $"resource.{violation.Field}" })] : violations),
            var refusal => (null, [new("resource", refusal.Reason.Code, refusal.Message)]),
        };
    }

    /// <summary>The open draft of a resource; null when there is none.</summary>
    public static CatalogDraft? Open(GovernanceState state, ResourceId resource)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Drafts.GetValueOrDefault(resource.ToString()) is { IsOpen: true } draft ? draft : null;
    }

    /// <summary>There is no open draft of it, or none that the caller may see.</summary>
    public static Refusal NotFound(ResourceId resource) => new(RefusalReason.DraftNotFound, $"there is no draft of `{resource}`: save one first")
    {
        Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString() },
    };

    internal static Refusal WrongState(ResourceId resource, ResourceState state, string next)
    {
        var name = EnumWords.Of(state);
        return new(RefusalReason.WrongState, $"`{resource}` is in {name}: {next}")
        {
            Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString(), ["state"] = name },
        };
    }

    internal static Refusal SamePerson(ResourceId resource) => new(RefusalReason.FourEyes, $"who wrote or asked for a change of `{resource}` does not review it: ask somebody else")
    {
        Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString() },
    };

    private static Result<CatalogDraft> InReview(GovernanceState state, ResourceId resource, ClientId reviewer, string etag)
    {
        if (etag.Length is 0)
        {
            return Refusal.Invalid("etag", "REQUIRED", "give the etag of the draft that was read");
        }

        var found = Find(state, resource, etag);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        return found.Value switch
        {
            { State: not ResourceState.PublishReview and var other } => WrongState(resource, other, "only a submitted draft is reviewed"),
            var draft when draft.Author == reviewer || draft.Submitter == reviewer => SamePerson(resource),
            var draft => draft,
        };
    }

    private static Result<CatalogDraft> Find(GovernanceState state, ResourceId resource, string etag)
    {
        ArgumentNullException.ThrowIfNull(etag);
        return Open(state, resource) is not { } draft ? NotFound(resource)
            : etag.Length > 0 && etag != draft.EtagIn(state) ? Stale(resource)
            : draft;
    }

    private static Refusal Stale(ResourceId resource) => new(RefusalReason.StaleEtag, $"the draft of `{resource}` has changed: read it again and retry")
    {
        Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString() },
    };

    private static bool IsSame(ResourceDraft left, ResourceDraft right) =>
        left.Fields.AsSpan().SequenceEqual(right.Fields.AsSpan()) && left with { Fields = right.Fields } == right;
}
