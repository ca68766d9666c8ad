using System.Globalization;

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
        from part in Parts
        let was = part.Of(before)
        let becomes = part.Of(after)
        where was != becomes
        select new SharingDifference(resource, field, SheetWords.Key(part.Column), was, becomes);

    private static (SheetColumn Column, Func<SharingEntry, string> Of)[] Parts { get; } =
    [
        (SheetColumn.Level, entry => ((int)entry.Level).ToString(CultureInfo.InvariantCulture)),
        (SheetColumn.SharingClass, entry => SheetWords.Word(entry.SharingClass, isChinese: false)),
        (SheetColumn.Condition, entry => entry.Terms.Condition),
        (SheetColumn.BasisKind, entry => SheetWords.Word(entry.Terms.Basis.Kind, isChinese: false)),
        (SheetColumn.Basis, entry => entry.Terms.Basis.Text),
        (SheetColumn.SharingMode, entry => SheetWords.Word(entry.SharingMode, isChinese: false)),
        (SheetColumn.OpenClass, entry => SheetWords.Word(entry.OpenClass, isChinese: false)),
        (SheetColumn.OpenCondition, entry => entry.Terms.OpenCondition),
        (SheetColumn.OpenBasisKind, entry => SheetWords.Word(entry.Terms.OpenBasis.Kind, isChinese: false)),
        (SheetColumn.OpenBasis, entry => entry.Terms.OpenBasis.Text),
        (SheetColumn.UpdateCycle, entry => SheetWords.Word(entry.UpdateCycle, isChinese: false)),
        (SheetColumn.Mask, entry => SheetWords.Of(entry.Mask)),
    ];
}
