using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>What somebody looks for in the one window.</summary>
public sealed record CatalogQuery
{
    /// <summary>Words, at most 200 characters: entries that have all of them, a Latin word also as the beginning of one, Chinese by pairs of neighbours. Empty means all entries.</summary>
    public string Text { get; init; } = "";

    /// <summary>Wanted values: of one facet any, of several facets all.</summary>
    public ImmutableArray<(CatalogFacet Facet, string Value)> Values { get; init; } = [];

    /// <summary>The caller's department if it keeps drafts: those are found too. Null for others.</summary>
    public DepartmentId? DraftsOf { get; init; }

    /// <summary>True for the operator, who finds all drafts.</summary>
    public bool AllDrafts { get; init; }

    /// <summary>Entries wanted, 1 to 500.</summary>
    public required int Size { get; init; }

    /// <summary>The last entry of the page before; null at the beginning.</summary>
    public CatalogHit? After { get; init; }
}
