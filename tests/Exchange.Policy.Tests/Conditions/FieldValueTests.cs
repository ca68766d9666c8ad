using System.Runtime.CompilerServices;
using System.Text;
using Exchange.Policy.Conditions;

namespace Exchange.Policy.Tests.Conditions;

public sealed class FieldValueTests
{
    [Fact]
    public void A_value_is_32_bytes() => Assert.Equal(32, Unsafe.SizeOf<FieldValue>());

    [Fact]
    public void The_default_is_missing_and_equals_only_itself()
    {
        Assert.True(default(FieldValue).IsMissing);
        Assert.Equal(FieldValue.Missing, default);
        Assert.NotEqual(default, FieldValue.Text(""));
        Assert.NotEqual(default, FieldValue.Integer(0));
    }

    [Fact]
    public void Values_come_back_as_they_went_in()
    {
        Assert.Equal("漏水", FieldValue.Text("漏水").AsText);
        Assert.Equal("WEB", FieldValue.Code("WEB").AsText);
        Assert.Equal(long.MinValue, FieldValue.Integer(long.MinValue).AsInteger);
        Assert.Equal(-12.50m, FieldValue.Decimal(-12.50m).AsDecimal);
        Assert.Equal(decimal.MaxValue, FieldValue.Decimal(decimal.MaxValue).AsDecimal);
        Assert.True(FieldValue.Boolean(true).AsBoolean);
        Assert.Equal(-1, FieldValue.Date(-1).AsDate);
        Assert.Equal(1_420_070_400_000_001, FieldValue.Timestamp(1_420_070_400_000_001).AsTimestamp);
        Assert.Equal(["a", "b"], FieldValue.TextList(["a", "b"]).AsTextList);
        Assert.Equal((31.3, -120.6), FieldValue.Point(31.3, -120.6).AsPoint);
    }

    [Fact]
    public void Decimals_and_lists_are_equal_by_value()
    {
        Assert.Equal(FieldValue.Decimal(1.0m), FieldValue.Decimal(1.00m));
        Assert.Equal(FieldValue.Decimal(1.0m).GetHashCode(), FieldValue.Decimal(1.00m).GetHashCode());
        Assert.Equal(FieldValue.TextList(["a"]), FieldValue.TextList(["a"]));
        Assert.NotEqual(FieldValue.TextList(["a"]), FieldValue.TextList(["a", "b"]));
        Assert.Equal(FieldValue.Point(-0.0, 0), FieldValue.Point(0, 0));
    }

    [Fact]
    public void A_lent_text_is_the_text_wherever_it_stands()
    {
        string[] texts = ["", "a", "b", "ab", "é", "ê", "漏水", "漏气", "𠮷", "漏水 at the 桥"];
        var values = texts.SelectMany(text => new[] { Lent(text), FieldValue.Text(text) }).ToList();

        Assert.Equal(texts.SelectMany(text => new[] { text, text }), values.Select(value => value.AsText));
        Assert.All(values.Index(), one => Assert.All(values.Index(), other =>
        {
            var isSame = one.Index / 2 == other.Index / 2;
            Assert.Equal(isSame, one.Item == other.Item);
            Assert.True(!isSame || one.Item.GetHashCode() == other.Item.GetHashCode());
        }));
        Assert.All(values.Index(), value => Assert.Equal(value.Index < 2, value.Item.IsEmptyText));
        Assert.All(texts, text =>
        {
            Assert.True(Lent(text).TryGetUtf8(out var utf8));
            Assert.Equal(Encoding.UTF8.GetBytes(text), utf8.ToArray());
            Assert.False(FieldValue.Text(text).TryGetUtf8(out _));
        });
        Assert.NotEqual(Lent("1"), FieldValue.Code("1"));
        Assert.Throws<ArgumentOutOfRangeException>(() => FieldValue.LentText([1], 1, 1));
    }

    [Fact]
    public void Values_of_other_types_differ()
    {
        Assert.NotEqual(FieldValue.Text("1"), FieldValue.Code("1"));
        Assert.NotEqual(FieldValue.Integer(1), FieldValue.Timestamp(1));
    }

    [Fact]
    public void Reading_a_value_as_another_type_fails_without_telling_the_value()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => FieldValue.Text("13800000000").AsInteger);

        Assert.DoesNotContain("138", failure.Message);
        Assert.DoesNotContain("138", FieldValue.Text("13800000000").ToString());
    }

    [Fact]
    public void Texts_are_ordered_by_their_utf8_bytes()
    {
        // U+FF01 is three bytes from 0xEF, U+20000 four from 0xF0; UTF-16 order has them the other way round.
        Assert.True(Utf8Order.Compare("\uFF01", "\U00020000") < 0);
        Assert.True(Utf8Order.Compare("a", "ab") < 0);
        Assert.True(Utf8Order.Compare("b", "ab") > 0);
        Assert.Equal(0, Utf8Order.Compare("\U00020000", "\U00020000"));
        Assert.True(Utf8Order.Compare("\U00020000", "\U00020001") < 0);
    }

    private static FieldValue Lent(string text)
    {
        var buffer = Encoding.UTF8.GetBytes($"<{text}>");
        return FieldValue.LentText(buffer, 1, buffer.Length - 2);
    }
}
