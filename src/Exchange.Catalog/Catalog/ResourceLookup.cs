using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Finds resources by id, or says why there is none to use.</summary>
public static class ResourceLookup
{
    /// <summary>A published resource; else RESOURCE_NOT_FOUND or RESOURCE_REVOKED.</summary>
    public static Result<ResourceDefinition> Published(GovernanceState state, ResourceId id)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Resources.TryGetValue(id.ToString(), out var resource) ? resource
            : state.RevokedResources.ContainsKey(id.ToString()) ? new Refusal(RefusalReason.ResourceRevoked, $"resource `{id}` was revoked: ask the department that kept it")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = id.ToString() },
            }
            : new Refusal(RefusalReason.ResourceNotFound, $"there is no resource `{id}`: list the resources")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = id.ToString() },
            };
    }

    /// <summary>A published resource whose records are in the hub; else as <see cref="Published"/>, or NOT_MOUNTED.</summary>
    public static Result<ResourceDefinition> Mounted(GovernanceState state, ResourceId id)
    {
        var found = Published(state, id);
        return found.IsRefused || found.Value.Description.IsMounted ? found
            : new Refusal(RefusalReason.NotMounted, $"the catalog only describes `{id}`, which is shared otherwise than through this hub: see its entry for whom to ask")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = id.ToString(), ["sharing_mode"] = EnumWords.Of(found.Value.Description.SharingMode) },
            };
    }
}
