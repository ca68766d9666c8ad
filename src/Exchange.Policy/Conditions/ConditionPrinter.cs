using System.Globalization;
using System.Text;

namespace Exchange.Policy.Conditions;

/// <summary>
/// Writes a condition in the filter language. Reading the text back gives the
/// simplified form of the same condition.
/// </summary>
public static class ConditionPrinter
{
    /// <summary>The condition's text; empty for one that holds for every row, <c>FALSE</c> for one that never does.</summary>
    public static string Print(Condition condition)
    {
        if (condition is Condition.True)
        {
            return "";
        }

        var text = new StringBuilder();
        Write(text, condition, nested: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Condition condition, bool nested)
    {
        switch (condition)
        {
            case Condition.True or Condition.And { Terms.IsEmpty: true }:
                text.Append("TRUE");
                break;
            case Condition.False or Condition.Or { Terms.IsEmpty: true } or Condition.In { Literals.IsEmpty: true }:
                text.Append("FALSE");
                break;
            case Condition.And and:
                WriteList(text, and.Terms.AsSpan(), " AND ", nested);
                break;
            case Condition.Or or:
                WriteList(text, or.Terms.AsSpan(), " OR ", nested);
                break;
            case Condition.Not not:
                WriteNegated(text, not.Term);
                break;
            case Condition.Compare compare:
                text.Append(compare.Attribute.Name).Append(' ').Append(Symbol(compare.Op)).Append(' ');
                WriteLiteral(text, compare.Literal);
                break;
            case Condition.In list:
                WriteIn(text, list, nested);
                break;
            case Condition.Has has:
                text.Append(has.Attribute.Name).Append(" : ");
                WriteQuoted(text, has.Item);
                break;
            case Condition.Search search:
                text.Append(search.Attribute.Name).Append(" : ");
                WriteQuoted(text, search.Phrase);
                break;
            case Condition.Present present:
                text.Append(present.Attribute.Name).Append(":*");
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"condition {condition.GetType().Name}");
        }
    }

    private static void WriteNegated(StringBuilder text, Condition term)
    {
        var parentheses = term is Condition.And or Condition.Or or Condition.Not or Condition.In;
        text.Append(parentheses ? "NOT (" : "NOT ");
        Write(text, term, nested: false);
        text.Append(parentheses ? ")" : "");
    }

    private static void WriteList(StringBuilder text, ReadOnlySpan<Condition> terms, string separator, bool nested)
    {
        var parentheses = nested && terms.Length > 1;
        text.Append(parentheses ? "(" : "");
        for (var index = 0; index < terms.Length; index++)
        {
            text.Append(index is 0 ? "" : separator);
            Write(text, terms[index], nested: nested || terms.Length > 1);
        }

        text.Append(parentheses ? ")" : "");
    }

    private static void WriteIn(StringBuilder text, Condition.In list, bool nested)
    {
        var parentheses = nested && list.Literals.Length > 1;
        text.Append(parentheses ? "(" : "");
        for (var index = 0; index < list.Literals.Length; index++)
        {
            text.Append(index is 0 ? "" : " OR ").Append(list.Attribute.Name).Append(" = ");
            WriteLiteral(text, list.Literals[index]);
        }

        text.Append(parentheses ? ")" : "");
    }

    private static string Symbol(CompareOp op) => op switch
    {
        CompareOp.Equal => "=",
        CompareOp.NotEqual => "!=",
        CompareOp.Less => "<",
        CompareOp.LessOrEqual => "<=",
        CompareOp.Greater => ">",
        CompareOp.GreaterOrEqual => ">=",
        _ => throw new System.Diagnostics.UnreachableException($"comparison {op}"),
    };

    private static void WriteLiteral(StringBuilder text, FieldValue value)
    {
        var culture = CultureInfo.InvariantCulture;
        switch (value.Type)
        {
            case FieldType.Text or FieldType.Code:
                WriteQuoted(text, value.AsText);
                break;
            case FieldType.Integer:
                text.Append(culture, $"{value.AsInteger}");
                break;
            case FieldType.Decimal:
                text.Append(culture, $"{value.AsDecimal}");
                break;
            case FieldType.Boolean:
                text.Append(value.AsBoolean ? "true" : "false");
                break;
            case FieldType.Date:
                text.Append(culture, $"{DateOnly.FromDayNumber(value.AsDate + EpochDay):yyyy-MM-dd}");
                break;
            case FieldType.Timestamp:
                text.Append(culture, $"{DateTime.UnixEpoch.AddTicks(value.AsTimestamp * TimeSpan.TicksPerMicrosecond):yyyy-MM-dd'T'HH:mm:ss.FFFFFF}Z");
                break;
            default:
                throw new InvalidOperationException($"the filter language has no literal of type {value.Type}");
        }
    }

    private static int EpochDay { get; } = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static void WriteQuoted(StringBuilder text, string value)
    {
        text.Append('"').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
    }
}
