using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>One page of what was found.</summary>
/// <param name="Hits">The page, better ones first.</param>
/// <param name="HasMore">True when another page follows.</param>
/// <param name="Total">All that were found.</param>
/// <param name="Facets">
/// For each facet its values with how many entries each would leave, the others' wishes kept: so that a wish can be changed. Values that leave none are not there.
/// </param>
public sealed record CatalogFindings(
    ImmutableArray<CatalogHit> Hits, bool HasMore, int Total, ImmutableArray<(CatalogFacet Facet, string Value, int Count)> Facets);
