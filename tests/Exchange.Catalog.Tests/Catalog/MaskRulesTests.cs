using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Catalog;

public class MaskRulesTests
{
    [Theory]
    [InlineData(MaskKind.ShowLastN, 4, FieldType.Text, true)]
    [InlineData(MaskKind.ShowLastN, 0, FieldType.Text, false)]
    [InlineData(MaskKind.ShowFirstN, 101, FieldType.Text, false)]
    [InlineData(MaskKind.ShowFirstN, 1, FieldType.Date, false)]
    [InlineData(MaskKind.YearOnly, 0, FieldType.Timestamp, true)]
    [InlineData(MaskKind.YearOnly, 1, FieldType.Date, false)]
    [InlineData(MaskKind.BucketNumber, 10, FieldType.Decimal, true)]
    [InlineData(MaskKind.BucketNumber, 0, FieldType.Integer, false)]
    [InlineData(MaskKind.TruncateGeo, 500, FieldType.Point, true)]
    [InlineData(MaskKind.TruncateGeo, 9, FieldType.Point, false)]
    [InlineData(MaskKind.GeneralizeRegion, 2, FieldType.Text, true)]
    [InlineData(MaskKind.Null, 0, FieldType.Boolean, true)]
    [InlineData(MaskKind.Unspecified, 0, FieldType.Point, true)]
    [InlineData(MaskKind.Tokenize, 0, FieldType.Text, false)]
    [InlineData((MaskKind)99, 0, FieldType.Text, false)]
    public void A_mask_fits_its_types_and_bounds(MaskKind kind, int parameter, FieldType type, bool fits) =>
        Assert.Equal(fits, MaskRules.Complaint(new Mask(kind, parameter), type) is null);
}
