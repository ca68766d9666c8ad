using System.Globalization;
using System.Text;

namespace Exchange.Policy.Conditions;

/// <summary>Gives a comparison its type: checks the operator and turns the written value into a literal.</summary>
internal static class ConditionTyping
{
    /// <summary>
    /// Makes the condition, or tells what is wrong: at the name's position when it is the field's or operator's fault, at
    /// the value's otherwise.
    /// </summary>
    public static Condition? Make(
        AttributeRef attribute, int namePosition, string op, WrittenValue value, bool isSearchable, out ConditionError? error)
    {
        error = null;
        if (op is ":" && value is { Text: "*", IsQuoted: false })
        {
            return new Condition.Present(attribute);
        }

        if (op is ":")
        {
            return MakeContains(attribute, namePosition, value, isSearchable, out error);
        }

        if (attribute.Type is FieldType.TextList or FieldType.Point or FieldType.Unspecified)
        {
            error = new(namePosition, ConditionError.WrongOperator, attribute.Type is FieldType.TextList
                ? $"`{attribute.Name}` is a list: ask with `:` whether it contains a text"
                : $"`{attribute.Name}` cannot be compared; only `{attribute.Name}:*` may be asked");
            return null;
        }

        if (attribute.Type is FieldType.Boolean && op is not ("=" or "!="))
        {
            error = new(namePosition, ConditionError.WrongOperator, $"`{attribute.Name}` is true or false: compare it with `=` or `!=`");
            return null;
        }

        var literal = Read(attribute, value, out error);
        return literal is null ? null : new Condition.Compare(attribute, Parse(op), literal.Value);
    }

    private static Condition? MakeContains(
        AttributeRef attribute, int namePosition, WrittenValue value, bool isSearchable, out ConditionError? error)
    {
        error = null;
        switch (attribute.Type)
        {
            case FieldType.TextList:
                return new Condition.Has(attribute, value.Text);
            case FieldType.Text when !isSearchable:
                error = new(namePosition, ConditionError.NotSearchable, $"the text of `{attribute.Name}` cannot be searched here; compare it with `=`");
                return null;
            case FieldType.Text when !HasTerm(value.Text):
                error = new(value.Position, ConditionError.EmptyPhrase, "a phrase to search for has at least one letter or digit");
                return null;
            case FieldType.Text:
                return new Condition.Search(attribute, value.Text);
            default:
                error = new(namePosition, ConditionError.WrongOperator, $"`:` is for texts and lists; compare `{attribute.Name}` with `=`, or ask `{attribute.Name}:*`");
                return null;
        }
    }

    private static bool HasTerm(string phrase)
    {
        foreach (var rune in phrase.EnumerateRunes())
        {
            if (Rune.IsLetter(rune) || Rune.IsNumber(rune))
            {
                return true;
            }
        }

        return false;
    }

    private static CompareOp Parse(string op) => op switch
    {
        "=" => CompareOp.Equal,
        "!=" => CompareOp.NotEqual,
        "<" => CompareOp.Less,
        "<=" => CompareOp.LessOrEqual,
        ">" => CompareOp.Greater,
        ">=" => CompareOp.GreaterOrEqual,
        _ => throw new System.Diagnostics.UnreachableException($"comparator {op}"),
    };

    private static FieldValue? Read(AttributeRef attribute, WrittenValue value, out ConditionError? error)
    {
        error = null;
        FieldValue? literal = attribute.Type switch
        {
            FieldType.Text => FieldValue.Text(value.Text),
            FieldType.Code => FieldValue.Code(value.Text),
            FieldType.Date => ReadDate(value.Text),
            FieldType.Timestamp => ReadTimestamp(attribute, value, out error),
            _ when value.IsQuoted => null,
            FieldType.Integer => ReadInteger(value.Text),
            FieldType.Decimal => ReadDecimal(value.Text),
            FieldType.Boolean => value.Text switch
            {
                "true" => FieldValue.Boolean(true),
                "false" => FieldValue.Boolean(false),
                _ => null,
            },
            _ => null,
        };
        if (literal is null)
        {
            error ??= new(value.Position, ConditionError.WrongType, $"`{attribute.Name}` is compared with {Wanted(attribute.Type)}");
        }

        return literal;
    }

    private static string Wanted(FieldType type) => type switch
    {
        FieldType.Integer => "a whole number of 64 bits without quotes",
        FieldType.Decimal => "a number such as -12.50 without quotes, of at most 28 digits",
        FieldType.Boolean => "true or false without quotes",
        FieldType.Date => "a date such as 2015-01-31",
        FieldType.Timestamp => "a timestamp such as 2015-01-31T08:00:00Z or 2015-01-31T08:00:00+08:00",
        _ => "text",
    };

    private static FieldValue? ReadInteger(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? FieldValue.Integer(number) : null;

    // More than 28 digits would be rounded silently.
    private static FieldValue? ReadDecimal(string text) =>
        text.Count(char.IsAsciiDigit) <= 28
        && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? FieldValue.Decimal(number)
            : null;

    private static FieldValue? ReadDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? FieldValue.Date(date.DayNumber - EpochDay)
            : null;

    private static FieldValue? ReadTimestamp(AttributeRef attribute, WrittenValue value, out ConditionError? error)
    {
        switch (Rfc3339.Read(value.Text, out var microseconds))
        {
            case Rfc3339.Outcome.Read:
                error = null;
                return FieldValue.Timestamp(microseconds);
            case Rfc3339.Outcome.NoZone:
                error = new(value.Position, ConditionError.ZoneRequired, $"`{attribute.Name}` is compared with a timestamp with its zone, such as 2015-01-31T08:00:00+08:00");
                return null;
            default:
                error = null;
                return null;
        }
    }

    private static int EpochDay { get; } = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
}
