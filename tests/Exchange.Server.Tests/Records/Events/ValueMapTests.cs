using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Records.Events;

public sealed class ValueMapTests
{
    public static TheoryData<FieldType, Proto.Value> OutOfRange => new()
    {
        { FieldType.Decimal, new Proto.Value { Decimal = "79228162514264337593543950336" } },
        { FieldType.Decimal, new Proto.Value { Decimal = "1.23456789012345678901234567890" } },
        { FieldType.Date, new Proto.Value { Date = 2_932_897 } },
        { FieldType.Date, new Proto.Value { Date = int.MinValue } },
        { FieldType.Timestamp, new Proto.Value { Timestamp = new Timestamp { Seconds = 253_402_300_800 } } },
        { FieldType.Timestamp, new Proto.Value { Timestamp = new Timestamp { Seconds = long.MinValue } } },
        { FieldType.Timestamp, new Proto.Value { Timestamp = new Timestamp { Nanos = -1 } } },
        { FieldType.Point, new Proto.Value { Point = new Proto.Point { Latitude = 90.1 } } },
        { FieldType.Point, new Proto.Value { Point = new Proto.Point { Longitude = double.NaN } } },
        { FieldType.Point, new Proto.Value { Point = new Proto.Point { Latitude = double.NegativeInfinity } } },
    };

    public static TheoryData<FieldType, Proto.Value> WrongType => new()
    {
        { FieldType.Text, new Proto.Value { Integer = 1 } },
        { FieldType.Text, new Proto.Value { Code = "a" } },
        { FieldType.Text, new Proto.Value { Text = "a\0b" } },
        { FieldType.Code, new Proto.Value { Code = "\0" } },
        { FieldType.TextList, new Proto.Value { TextList = new Proto.TextList { Values = { "fine", "\0" } } } },
        { FieldType.Integer, new Proto.Value { Decimal = "1" } },
        { FieldType.Decimal, new Proto.Value { Decimal = "1e3" } },
        { FieldType.Decimal, new Proto.Value { Decimal = "" } },
        { FieldType.Decimal, new Proto.Value { Decimal = "ten" } },
        { FieldType.Boolean, new Proto.Value { Integer = 1 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_value_outside_its_type_s_range_is_told_apart(FieldType type, Proto.Value value) =>
        Assert.Equal(ValueMap.Outcome.OutOfRange, ValueMap.TryRead(value, type, out _));

    [Theory]
    [MemberData(nameof(WrongType))]
    public void A_value_of_another_kind_is_of_the_wrong_type(FieldType type, Proto.Value value) =>
        Assert.Equal(ValueMap.Outcome.WrongType, ValueMap.TryRead(value, type, out _));

    [Fact]
    public void Nothing_sent_is_missing_and_clear_removes()
    {
        Assert.Equal(ValueMap.Outcome.Read, ValueMap.TryRead(new Proto.Value(), FieldType.Text, out var none));
        Assert.True(none.IsMissing);
        Assert.Equal(ValueMap.Outcome.Clear, ValueMap.TryRead(new Proto.Value { Clear = true }, FieldType.Text, out _));
    }

    [Fact]
    public void Finer_digits_of_a_timestamp_are_cut_off()
    {
        var value = new Proto.Value { Timestamp = new Timestamp { Seconds = 5, Nanos = 1_999 } };

        ValueMap.TryRead(value, FieldType.Timestamp, out var read);

        Assert.Equal(5_000_001, read.AsTimestamp);
    }
}
