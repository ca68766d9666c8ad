using System.Collections.Immutable;

namespace Exchange.Catalog.Governance;

/// <summary>Which fields' values may have their sources' codes beside them. Once one may, it always may: the codes stay when the mappings go.</summary>
internal static class SourcedFields
{
    /// <summary>The resources once this list, which maps something, is published.</summary>
    public static ImmutableSortedDictionary<string, ResourceDefinition> After(CodeList list, ImmutableSortedDictionary<string, ResourceDefinition> resources)
    {
        var changed = resources.ToBuilder();
        foreach (var (id, resource) in resources)
        {
            var sourced = resource.WithSourced(resource.Fields.Where(field => field.CodeList == list.Id).Select(field => field.Number));
            if (!ReferenceEquals(sourced, resource))
            {
                changed[id] = sourced;
            }
        }

        return changed.ToImmutable();
    }

    /// <summary>A resource as it is published, after its last revision if it had one.</summary>
    public static ResourceDefinition Of(ResourceDefinition published, ResourceDefinition? last, IReadOnlyDictionary<string, CodeList> lists) =>
        published.WithSourced(published.Fields
            .Where(field => last?.SourcedFields.Contains(field.Number) is true || (field.CodeList is { } id && lists.TryGetValue(id.Value, out var list) && !list.Mappings.IsEmpty))
            .Select(field => field.Number));
}
