namespace Exchange.Catalog.Records;

/// <summary>Which values a field takes. No allocation for a good value.</summary>
public static class ValueRules
{
    /// <summary>Most items of a text list.</summary>
    public const int MostListItems = 1_000;

    /// <summary>Longest item of a text list, in characters.</summary>
    public const int LongestListItem = 4_000;

    /// <summary>0001-01-01, in days since 1970-01-01.</summary>
    public const int FirstDay = -719_162;

    /// <summary>9999-12-31, in days since 1970-01-01.</summary>
    public const int LastDay = 2_932_896;

    private const long MicrosecondsOfDay = 86_400_000_000;

    /// <summary>What is wrong with the value for this field; null when nothing is. The code list is that of a CODE field.</summary>
    public static ValueComplaint? Check(FieldDefinition field, CodeList? codes, in FieldValue value)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (value.Type != field.Type)
        {
            return ValueComplaint.WrongType(field.Type);
        }

        return value.Type switch
        {
            FieldType.Text => value.TryGetUtf8(out var utf8) ? Text(utf8, field.MaxLength) : Text(value.AsText, field.MaxLength),
            FieldType.Code => Code(field, codes, value),
            FieldType.Date => value.AsDate is >= FirstDay and <= LastDay ? null : ValueComplaint.OutsideCalendar,
            FieldType.Timestamp => value.AsTimestamp is >= FirstDay * MicrosecondsOfDay and < (LastDay + 1L) * MicrosecondsOfDay
                ? null
                : ValueComplaint.OutsideCalendar,
            FieldType.TextList => List(value.AsTextList),
            FieldType.Point => value.AsPoint is (>= -90 and <= 90, >= -180 and <= 180) ? null : ValueComplaint.NotOnEarth,
            _ => null,
        };
    }

    private static ValueComplaint? Text(string text, int longest)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return ValueComplaint.NulCharacter;
        }

        return text.Length > longest && Characters(text) > longest ? TooLong(longest) : null;
    }

    private static ValueComplaint? Text(ReadOnlySpan<byte> utf8, int longest)
    {
        if (utf8.Contains((byte)0))
        {
            return ValueComplaint.NulCharacter;
        }

        return utf8.Length > longest && Characters(utf8) > longest ? TooLong(longest) : null;
    }

    private static ValueComplaint TooLong(int longest) => new(FieldError.TooLong, $"the field holds at most {longest} characters");

    private static ValueComplaint? Code(FieldDefinition field, CodeList? codes, in FieldValue value)
    {
        if (codes is not null && value.Sourced is { } sourced && ValueComplaint.OfSource(field, codes, sourced) is { } complaint)
        {
            return complaint;
        }

        return codes is null || !codes.TryGetCode(value.AsText, out var entry) ? ValueComplaint.UnknownCode(field)
            : entry.Retired ? ValueComplaint.RetiredCode(field)
            : null;
    }

    private static ValueComplaint? List(string[] items)
    {
        if (items.Length > MostListItems)
        {
            return new ValueComplaint(FieldError.TooLong, $"a list holds at most {MostListItems} texts");
        }

        foreach (var item in items)
        {
            if (item.Contains('\0', StringComparison.Ordinal))
            {
                return ValueComplaint.NulCharacter;
            }

            if (item.Length > LongestListItem && Characters(item) > LongestListItem)
            {
                return new ValueComplaint(FieldError.TooLong, $"a text of a list has at most {LongestListItem} characters");
            }
        }

        return null;
    }

    // Unicode code points, as PostgreSQL counts them.
    private static int Characters(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            count -= char.IsLowSurrogate(unit) ? 1 : 0;
        }

        return count;
    }

    // Every byte but those that go on with a code point begins one.
    private static int Characters(ReadOnlySpan<byte> utf8)
    {
        var count = utf8.Length;
        foreach (var unit in utf8)
        {
            count -= (unit & 0xC0) is 0x80 ? 1 : 0;
        }

        return count;
    }
}
