namespace Exchange.Policy.Conditions;

/// <summary>
/// What is wrong with a filter, at a position in characters (UTF-16 code units) from 0. The message names fields, never
/// values.
/// </summary>
public sealed record ConditionError(int Position, string Reason, string Message)
{
    /// <summary>The text does not follow the grammar.</summary>
    public const string Syntax = "SYNTAX";

    /// <summary>U+0000, which no stored value holds.</summary>
    public const string InvalidCharacter = "INVALID_CHARACTER";

    /// <summary>No such field.</summary>
    public const string UnknownField = "UNKNOWN_FIELD";

    /// <summary>The caller may not use this field in a condition (<see cref="IConditionSchema.Refuse"/>).</summary>
    public const string UnreadableField = "UNREADABLE_FIELD";

    /// <summary>The value does not have the field's type, or is outside its range.</summary>
    public const string WrongType = "WRONG_TYPE";

    /// <summary>The field's type does not offer this comparison.</summary>
    public const string WrongOperator = "WRONG_OPERATOR";

    /// <summary>A timestamp without a zone.</summary>
    public const string ZoneRequired = "ZONE_REQUIRED";

    /// <summary>The field's text cannot be searched here.</summary>
    public const string NotSearchable = "NOT_SEARCHABLE";

    /// <summary>A phrase without a letter or digit.</summary>
    public const string EmptyPhrase = "EMPTY_PHRASE";

    /// <summary>The filter has more characters than <see cref="ConditionParser.LongestFilter"/>.</summary>
    public const string TooLong = "TOO_LONG";

    /// <summary>The filter has more terms than <see cref="ConditionParser.MostTerms"/>.</summary>
    public const string TooManyTerms = "TOO_MANY_TERMS";

    /// <summary>Parentheses nest deeper than <see cref="ConditionParser.DeepestNesting"/>.</summary>
    public const string TooDeep = "TOO_DEEP";
}
