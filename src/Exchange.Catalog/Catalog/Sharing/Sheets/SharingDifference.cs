namespace Exchange.Catalog;

/// <summary>One thing that a sheet changes.</summary>
/// <param name="Resource">Of which resource.</param>
/// <param name="Field">Of which field.</param>
/// <param name="Part">Which part, as the sheet's columns are called in English.</param>
/// <param name="Before">What holds; empty for nothing.</param>
/// <param name="After">What shall hold; empty for nothing.</param>
public sealed record SharingDifference(ResourceId Resource, string Field, string Part, string Before, string After)
{
    /// <summary>The parts of two entries that differ, in the order of a sheet's columns.</summary>
    internal static IEnumerable<SharingDifference> Between(ResourceId resource, string field, SharingEntry before, SharingEntry after) =>
        from column in Enum.GetValues<SheetColumn>()
        let was = SheetWords.Cell(before, column, isChinese: false)
        let becomes = SheetWords.Cell(after, column, isChinese: false)
        where was != becomes
        select new SharingDifference(resource, field, SheetWords.Key(column), was, becomes);
}
