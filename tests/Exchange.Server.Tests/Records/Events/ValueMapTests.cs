using Exchange.Catalog.Records;
using Exchange.Server.Records.Events;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Records.Events;

public sealed class ValueMapTests
{
    [Theory]
    [InlineData("79228162514264337593543950336", FieldError.OutOfRange)]
    [InlineData("1.23456789012345678901234567890", FieldError.OutOfRange)]
    [InlineData("0.00000000000000000000000000001", FieldError.OutOfRange)]
    [InlineData("1e3", FieldError.WrongType)]
    [InlineData("", FieldError.WrongType)]
    [InlineData("-", FieldError.WrongType)]
    [InlineData(".5", FieldError.WrongType)]
    [InlineData("5.", FieldError.WrongType)]
    [InlineData(" 5", FieldError.WrongType)]
    [InlineData("1,000", FieldError.WrongType)]
    [InlineData("١", FieldError.WrongType)]
    public void A_decimal_that_cannot_be_kept_is_refused(string text, string reason) =>
        Assert.Equal(reason, ValueMap.ToPushed(new Proto.Value { Decimal = text }).Complaint?.Reason);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-12.50", "-12.50")]
    [InlineData("+7", "7")]
    [InlineData("0009999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    public void A_decimal_keeps_its_digits(string text, string kept) =>
        Assert.Equal(kept, ValueMap.ToPushed(new Proto.Value { Decimal = text }).Value.AsDecimal.ToString());

    [Theory]
    [InlineData(253_402_300_800, 0)]
    [InlineData(long.MinValue, 0)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1_000_000_000)]
    public void A_timestamp_outside_the_calendar_is_refused(long seconds, int nanos) =>
        Assert.Equal(
            FieldError.OutOfRange,
            ValueMap.ToPushed(new Proto.Value { Timestamp = new Timestamp { Seconds = seconds, Nanos = nanos } }).Complaint?.Reason);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void A_point_without_degrees_is_refused(double degrees) =>
        Assert.Equal(FieldError.OutOfRange, ValueMap.ToPushed(new Proto.Value { Point = new Proto.Point { Longitude = degrees } }).Complaint?.Reason);

    [Fact]
    public void Nothing_sent_leaves_the_field_and_clear_removes_its_value()
    {
        Assert.True(ValueMap.ToPushed(new Proto.Value()).IsNotSent);
        Assert.True(ValueMap.ToPushed(new Proto.Value { Clear = true }).IsClear);
        Assert.True(ValueMap.ToPushed(new Proto.Value { Clear = false }).IsNotSent);
    }

    [Theory]
    [InlineData("07", "")]
    [InlineData("", "city-a")]
    public void Half_of_what_a_source_has_for_a_code_is_refused(string sourceCode, string codeSystem)
    {
        Assert.Equal(FieldError.WrongType, ValueMap.ToPushed(new Proto.Value { SourceCode = sourceCode, CodeSystem = codeSystem }).Complaint?.Reason);
        Assert.Equal(FieldError.WrongType, ValueMap.ToPushed(new Proto.Value { Code = "noise", SourceCode = sourceCode, CodeSystem = codeSystem }).Complaint?.Reason);
    }

    [Fact]
    public void What_a_source_has_for_a_code_stands_beside_a_code_only()
    {
        Assert.Equal(new("", "city-a", "07"), ValueMap.ToPushed(new Proto.Value { SourceCode = "07", CodeSystem = "city-a" }).Value.Sourced);
        Assert.Equal(new("noise", "city-a", "07"), ValueMap.ToPushed(new Proto.Value { Code = "noise", SourceCode = "07", CodeSystem = "city-a" }).Value.Sourced);
        Assert.Equal(FieldError.WrongType, ValueMap.ToPushed(new Proto.Value { Text = "noise", SourceCode = "07", CodeSystem = "city-a" }).Complaint?.Reason);
        Assert.Equal(FieldError.WrongType, ValueMap.ToPushed(new Proto.Value { Clear = true, SourceCode = "07", CodeSystem = "city-a" }).Complaint?.Reason);
    }

    [Fact]
    public void Finer_digits_of_a_timestamp_are_cut_off() =>
        Assert.Equal(5_000_001, ValueMap.ToPushed(new Proto.Value { Timestamp = new Timestamp { Seconds = 5, Nanos = 1_999 } }).Value.AsTimestamp);
}
