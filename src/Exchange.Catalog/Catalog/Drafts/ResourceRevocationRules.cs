using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides whether published resources are revoked. Who may is asked before.</summary>
public static class ResourceRevocationRules
{
    /// <summary>Asks that a resource be revoked.</summary>
    public static Result<GovernanceDecision<ResourceDefinition>> Request(GovernanceState state, ResourceId resource, ClientId requester, string reason, DateTimeOffset now)
    {
        var found = Find(state, resource);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        if (Labels.CheckReason(reason) is { } invalid)
        {
            return invalid;
        }

        return state.StateOf(resource) is ResourceState.RevokeReview
            ? CatalogDraftRules.WrongState(resource, ResourceState.RevokeReview, "its revocation waits for its review already")
            : new GovernanceDecision<ResourceDefinition>(found.Value, new GovernanceEvent.ResourceRevocationRequested(resource, reason, requester, now));
    }

    /// <summary>Revokes a resource as asked.</summary>
    public static Result<GovernanceDecision<ResourceDefinition>> Approve(GovernanceState state, ResourceId resource, ClientId reviewer, string etag, DateTimeOffset now)
    {
        var found = InReview(state, resource, etag);
        return found.IsRefused ? found.Refusal
            : state.Revocations[resource.Value].Requester == reviewer ? CatalogDraftRules.SamePerson(resource)
            : new GovernanceDecision<ResourceDefinition>(found.Value, new GovernanceEvent.ResourceRevoked(resource, now));
    }

    /// <summary>Leaves a resource published, with a reason. Who asked may take it back so.</summary>
    public static Result<GovernanceDecision<ResourceDefinition>> Reject(GovernanceState state, ResourceId resource, string etag, string reason)
    {
        var found = InReview(state, resource, etag);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        return Labels.CheckReason(reason) is { } invalid
            ? invalid
            : new GovernanceDecision<ResourceDefinition>(found.Value, new GovernanceEvent.ResourceRevocationRejected(resource, reason));
    }

    private static Result<ResourceDefinition> InReview(GovernanceState state, ResourceId resource, string etag)
    {
        ArgumentNullException.ThrowIfNull(etag);
        if (etag.Length is 0)
        {
            return Refusal.Invalid("etag", "REQUIRED", "give the etag of the revocation that was read");
        }

        var found = Find(state, resource);
        return found.IsRefused ? found
            : state.StateOf(resource) is not ResourceState.RevokeReview and var other ? CatalogDraftRules.WrongState(resource, other, "ask for its revocation first")
            : state.Revocations[resource.Value].Etag != etag ? new Refusal(RefusalReason.StaleEtag, $"this is not the revocation of `{resource}` that waits: read it again and retry")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString() },
            }
            : found;
    }

    private static Result<ResourceDefinition> Find(GovernanceState state, ResourceId resource)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.StateOf(resource) is ResourceState.Revoked
            ? CatalogDraftRules.WrongState(resource, ResourceState.Revoked, "it is revoked already")
            : ResourceLookup.Published(state, resource);
    }
}
