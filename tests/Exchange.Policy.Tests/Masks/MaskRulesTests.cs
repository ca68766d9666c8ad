using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Policy.Tests.Masks;

public sealed class MaskRulesTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];

    private static readonly (FieldType Type, FieldValue Value)[] Examples =
    [
        (FieldType.Text, FieldValue.Text("江苏/苏州")),
        (FieldType.Integer, FieldValue.Integer(27)),
        (FieldType.Decimal, FieldValue.Decimal(27.5m)),
        (FieldType.Boolean, FieldValue.Boolean(true)),
        (FieldType.Date, FieldValue.Date(16_466)),
        (FieldType.Timestamp, FieldValue.Timestamp(16_466L * 86_400_000_000)),
        (FieldType.Code, FieldValue.Code("320508")),
        (FieldType.TextList, FieldValue.TextList(["漏水", "pipe"])),
        (FieldType.Point, FieldValue.Point(31.3, 120.6)),
    ];

    [Theory]
    [InlineData(MaskKind.None, 0, FieldType.Point, null)]
    [InlineData(MaskKind.Null, 0, FieldType.Boolean, null)]
    [InlineData(MaskKind.Unspecified, 0, FieldType.Point, null)]
    [InlineData(MaskKind.Redact, 0, FieldType.TextList, null)]
    [InlineData(MaskKind.ShowLastN, 4, FieldType.Text, null)]
    [InlineData(MaskKind.ShowLastN, 100, FieldType.Code, null)]
    [InlineData(MaskKind.HashKeyed, 0, FieldType.Timestamp, null)]
    [InlineData(MaskKind.YearOnly, 0, FieldType.Timestamp, null)]
    [InlineData(MaskKind.BucketNumber, 1_000_000_000, FieldType.Decimal, null)]
    [InlineData(MaskKind.TruncateGeo, 10, FieldType.Point, null)]
    [InlineData(MaskKind.GeneralizeRegion, 10, FieldType.Code, null)]
    [InlineData(MaskKind.Null, 1, FieldType.Text, "MASK_PARAMETER")]
    [InlineData(MaskKind.ShowLastN, 0, FieldType.Text, "MASK_PARAMETER")]
    [InlineData(MaskKind.ShowFirstN, 101, FieldType.Text, "MASK_PARAMETER")]
    [InlineData(MaskKind.YearOnly, 1, FieldType.Date, "MASK_PARAMETER")]
    [InlineData(MaskKind.BucketNumber, 0, FieldType.Integer, "MASK_PARAMETER")]
    [InlineData(MaskKind.TruncateGeo, 9, FieldType.Point, "MASK_PARAMETER")]
    [InlineData(MaskKind.TruncateGeo, 100_001, FieldType.Point, "MASK_PARAMETER")]
    [InlineData(MaskKind.GeneralizeRegion, 11, FieldType.Text, "MASK_PARAMETER")]
    [InlineData(MaskKind.Redact, 0, FieldType.Integer, "MASK_TYPE")]
    [InlineData(MaskKind.ShowFirstN, 1, FieldType.Date, "MASK_TYPE")]
    [InlineData(MaskKind.HashKeyed, 0, FieldType.Boolean, "MASK_TYPE")]
    [InlineData(MaskKind.HashKeyed, 0, FieldType.Point, "MASK_TYPE")]
    [InlineData(MaskKind.YearOnly, 0, FieldType.Integer, "MASK_TYPE")]
    [InlineData(MaskKind.BucketNumber, 5, FieldType.Text, "MASK_TYPE")]
    [InlineData(MaskKind.TruncateGeo, 500, FieldType.Text, "MASK_TYPE")]
    [InlineData(MaskKind.Tokenize, 0, FieldType.Text, "MASK_NOT_OFFERED")]
    [InlineData((MaskKind)99, 0, FieldType.Text, "MASK_NOT_OFFERED")]
    public void A_mask_is_defined_only_on_types_and_within_bounds_that_it_suits(MaskKind kind, int parameter, FieldType type, string? reason) =>
        Assert.Equal(reason, MaskRules.Check(new Mask(kind, parameter), type)?.Reason);

    [Fact]
    public void Every_mask_that_can_be_defined_masks_keeps_missing_missing_and_tells_its_output_type()
    {
        foreach (var kind in Enum.GetValues<MaskKind>())
        {
            foreach (var (type, value) in Examples)
            {
                var mask = new Mask(kind, kind switch
                {
                    MaskKind.ShowFirstN or MaskKind.ShowLastN or MaskKind.GeneralizeRegion => 1,
                    MaskKind.BucketNumber => 10,
                    MaskKind.TruncateGeo => 500,
                    _ => 0,
                });
                if (mask.IsUnspecified || MaskRules.Check(mask, type) is not null)
                {
                    Assert.Throws<ArgumentException>(() => MaskRules.Compile(mask, type, Key));
                    continue;
                }

                var put = MaskRules.Compile(mask, type, Key);

                Assert.True(put(default).IsMissing);
                Assert.Equal(
                    kind switch
                    {
                        MaskKind.Null => FieldType.Unspecified,
                        MaskKind.HashKeyed when type is not FieldType.TextList => FieldType.Text,
                        MaskKind.ShowFirstN or MaskKind.ShowLastN when type is FieldType.Code => FieldType.Text,
                        _ => type,
                    },
                    put(value).Type);
                Assert.Equal(put(value), put(value));
                Assert.Equal(mask.Hides, put(value) != value);
            }
        }
    }

    [Theory]
    [InlineData("张三丰", 1, "张＊")]
    [InlineData("张", 1, "＊")]
    [InlineData("", 1, "＊")]
    [InlineData("e\u0301a\u0308o", 1, "e\u0301＊")]
    [InlineData("👨‍👩‍👧李四", 2, "👨‍👩‍👧李＊")]
    [InlineData("\U00020000水管", 1, "\U00020000＊")]
    public void The_first_text_elements_are_shown_and_never_all(string text, int shown, string expected) =>
        Assert.Equal(expected, TextMasks.ShowFirst(text, shown));

    [Fact]
    public void Ascii_shows_as_many_characters_as_its_text_elements_say()
    {
        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => (char)random.Next(random.Next(2) is 0 ? 32 : 128)));
            var shown = random.Next(1, 6);
            var starts = System.Globalization.StringInfo.ParseCombiningCharacters(text);

            Assert.Equal(starts.Length <= shown ? TextMasks.Hidden : TextMasks.Hidden + text[starts[^shown]..], TextMasks.ShowLast(text, shown));
        }
    }

    [Theory]
    [InlineData("13800001234", 4, "＊1234")]
    [InlineData("1234", 4, "＊")]
    [InlineData("水e\u0301", 1, "＊e\u0301")]
    [InlineData("李四👨‍👩‍👧", 1, "＊👨‍👩‍👧")]
    public void The_last_text_elements_are_shown_and_never_all(string text, int shown, string expected) =>
        Assert.Equal(expected, TextMasks.ShowLast(text, shown));

    [Theory]
    [InlineData("请致电 13800001234，谢谢！", "＊＊＊ ＊＊＊，＊＊＊！")]
    [InlineData("call +86 138-0000-1234.", "＊＊＊ +＊＊＊ ＊＊＊.")]
    [InlineData("a.b-c@example.com, www.example.com/x?y=1", "＊＊＊, ＊＊＊")]
    [InlineData("line 1\nline 2 (3 €)", "＊＊＊ ＊＊＊\n＊＊＊ ＊＊＊ (＊＊＊ €)")]
    [InlineData("e\u0301 ①㈱ 👍 \U00020000", "＊＊＊ ＊＊＊ ＊＊＊ ＊＊＊")]
    [InlineData("", "")]
    public void A_free_text_is_scrubbed_of_letters_digits_and_cjk_with_phones_and_addresses(string text, string expected) =>
        Assert.Equal(expected, TextMasks.Redact(text));

    [Fact]
    public void A_scrubbed_text_holds_no_letter_digit_or_symbol_of_any_code_point()
    {
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            if (System.Text.Rune.TryCreate(code, out var rune)
                && (System.Text.Rune.IsLetter(rune) || System.Text.Rune.IsNumber(rune)
                    || System.Text.Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.OtherSymbol))
            {
                Assert.Equal("＊＊＊", TextMasks.Redact(rune.ToString()));
            }
        }
    }

    [Theory]
    [InlineData("江苏省/苏州市/姑苏区", 2, "江苏省/苏州市")]
    [InlineData("江苏省/苏州市", 2, "江苏省/苏州市")]
    [InlineData("江苏省/苏州市/", 2, "江苏省/苏州市")]
    [InlineData("320508001001", 3, "320508")]
    [InlineData("320508", 1, "32")]
    [InlineData("320508", 10, "320508")]
    public void A_region_keeps_its_upper_levels(string text, int levels, string expected) =>
        Assert.Equal(expected, TextMasks.GeneralizeRegion(text, levels));

    [Theory]
    [InlineData(27, 10, 20)]
    [InlineData(-1, 10, -10)]
    [InlineData(-10, 10, -10)]
    [InlineData(long.MinValue, 1_000, long.MinValue)]
    [InlineData(long.MaxValue, 1_000, 9_223_372_036_854_775_000)]
    public void A_number_falls_to_the_lower_bound_of_its_bucket(long number, int width, long expected) =>
        Assert.Equal(FieldValue.Integer(expected), MaskRules.Compile(new Mask(MaskKind.BucketNumber, width), FieldType.Integer)(FieldValue.Integer(number)));

    [Fact]
    public void A_decimal_falls_to_the_lower_bound_of_its_bucket()
    {
        var mask = MaskRules.Compile(new Mask(MaskKind.BucketNumber, 10), FieldType.Decimal);

        Assert.Equal(FieldValue.Decimal(20), mask(FieldValue.Decimal(27.5m)));
        Assert.Equal(FieldValue.Decimal(-10), mask(FieldValue.Decimal(-0.01m)));
    }

    [Fact]
    public void A_date_or_timestamp_keeps_its_year_also_before_1970()
    {
        var ofDate = MaskRules.Compile(new Mask(MaskKind.YearOnly), FieldType.Date);
        var ofTimestamp = MaskRules.Compile(new Mask(MaskKind.YearOnly), FieldType.Timestamp);

        Assert.Equal(FieldValue.Date(16_436), ofDate(FieldValue.Date(16_466)));
        Assert.Equal(FieldValue.Date(-365), ofDate(FieldValue.Date(-1)));
        Assert.Equal(FieldValue.Timestamp(16_436L * 86_400_000_000), ofTimestamp(FieldValue.Timestamp((16_466L * 86_400_000_000) + 1)));
        Assert.Equal(FieldValue.Timestamp(-365L * 86_400_000_000), ofTimestamp(FieldValue.Timestamp(-1)));
    }

    [Fact]
    public void A_point_moves_to_the_centre_of_its_cell_and_stays_there()
    {
        var random = new Random(7);
        foreach (var meters in (int[])[10, 500, 100_000])
        {
            var mask = MaskRules.Compile(new Mask(MaskKind.TruncateGeo, meters), FieldType.Point);
            for (var round = 0; round < 2_000; round++)
            {
                var (latitude, longitude) = ((random.NextDouble() * 160) - 80, (random.NextDouble() * 358) - 179);

                var centre = mask(FieldValue.Point(latitude, longitude));

                var (y, x) = centre.AsPoint;
                Assert.Equal(centre, mask(centre));
                Assert.InRange(Math.Abs(y - latitude) * 111_320, 0, (meters / 2.0) + 1);
                Assert.InRange(Math.Abs(x - longitude) * 111_320 * Math.Cos(y * Math.PI / 180), 0, (meters / 2.0) + 1);
            }

            Assert.InRange(mask(FieldValue.Point(90, 180)).AsPoint.Latitude, 80, 90);
            Assert.InRange(mask(FieldValue.Point(-90, -180)).AsPoint.Longitude, -180, 180);
        }
    }

    [Fact]
    public void A_keyed_hash_joins_equal_values_under_one_key_only()
    {
        var hash = new Mask(MaskKind.HashKeyed);
        var text = MaskRules.Compile(hash, FieldType.Text, Key);
        var number = MaskRules.Compile(hash, FieldType.Decimal, Key);
        var other = MaskRules.Compile(hash, FieldType.Text, Key.Reverse().ToArray());

        // python3: hmac.new(bytes(range(1,33)), b"exchange/mask/1/Text/13800001234", hashlib.sha256).hexdigest()
        Assert.Equal("eb30a55ee8583866eb2b4f1e6ee65c7ac3f3ad57b038fff806d1c430f52323ae", text(FieldValue.Text("13800001234")).AsText);
        Assert.Equal(text(FieldValue.Text("a")), MaskRules.Compile(hash, FieldType.Code, Key)(FieldValue.Code("a")));
        Assert.NotEqual(text(FieldValue.Text("a")), other(FieldValue.Text("a")));
        Assert.Equal(number(FieldValue.Decimal(1.0m)), number(FieldValue.Decimal(1.00m)));
        Assert.NotEqual(number(FieldValue.Decimal(1.0m)), text(FieldValue.Text("1")));
        Assert.Throws<ArgumentException>(() => MaskRules.Compile(hash, FieldType.Text, Key.AsMemory(0, 15)));
    }

    [Fact]
    public void Keyed_hashes_made_by_many_threads_at_once_are_those_of_the_standard()
    {
        var hash = MaskRules.Compile(new Mask(MaskKind.HashKeyed), FieldType.Text, Key);

        Parallel.For(0, 2_000, i =>
        {
            var text = string.Concat(Enumerable.Repeat(i % 2 is 0 ? "a" : "水", i % 700)) + i;
            var expected = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Key, System.Text.Encoding.UTF8.GetBytes("exchange/mask/1/Text/" + text)));

            Assert.Equal(expected, hash(FieldValue.Text(text)).AsText);
        });
    }
}
