namespace Exchange.Catalog;

/// <summary>An entry that was found.</summary>
/// <param name="Score">How well it fits, from 0: more is better.</param>
/// <param name="Resource">Its resource.</param>
public readonly record struct CatalogHit(int Score, ResourceId Resource)
{
    /// <summary>Better ones first, then by id.</summary>
    public static IComparer<CatalogHit> ByRank { get; } = Comparer<CatalogHit>.Create((left, right) =>
        left.Score != right.Score ? right.Score.CompareTo(left.Score) : string.CompareOrdinal(left.Resource.Value, right.Resource.Value));
}
