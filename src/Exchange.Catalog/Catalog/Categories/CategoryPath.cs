using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Walks the catalog tree upwards.</summary>
internal static class CategoryPath
{
    /// <summary>The category and those above it, the nearest first; none for null or one that is not there.</summary>
    internal static IEnumerable<Category> Of(GovernanceState state, CategoryCode? code)
    {
        // Parents are defined before their children and never change: the way up ends.
        for (var at = code; at is { } current && state.Categories.TryGetValue(current.Value, out var category); at = category.Parent)
        {
            yield return category;
        }
    }
}
