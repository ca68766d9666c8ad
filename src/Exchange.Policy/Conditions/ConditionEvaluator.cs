using System.Diagnostics;

namespace Exchange.Policy.Conditions;

/// <summary>
/// Evaluates conditions in memory, without allocating, with the same meaning as SQL: texts by their UTF-8 bytes, decimals
/// by number, timestamps in microseconds, and every comparison with a missing value false.
/// </summary>
public static class ConditionEvaluator
{
    /// <summary>
    /// Tells whether the condition holds for the row. Text searches need <paramref name="match"/>; without one they throw.
    /// </summary>
    public static bool Holds<TRow>(Condition condition, in TRow row, TextMatch? match = null)
        where TRow : IRow, allows ref struct
    {
        switch (condition)
        {
            case Condition.Compare compare:
                return Compares(row.Get(compare.Attribute.Number), compare.Op, compare.Literal);
            case Condition.In list:
                return IsIn(row.Get(list.Attribute.Number), list);
            case Condition.And and:
                foreach (var term in and.Terms)
                {
                    if (!Holds(term, row, match))
                    {
                        return false;
                    }
                }

                return true;
            case Condition.Or or:
                foreach (var term in or.Terms)
                {
                    if (Holds(term, row, match))
                    {
                        return true;
                    }
                }

                return false;
            case Condition.Not not:
                return !Holds(not.Term, row, match);
            case Condition.True:
                return true;
            case Condition.False:
                return false;
            case Condition.Present present:
                return !row.Get(present.Attribute.Number).IsMissing;
            case Condition.Has has:
                return Contains(row.Get(has.Attribute.Number), has.Item);
            case Condition.Search search:
                return Finds(row.Get(search.Attribute.Number), search, match);
            default:
                throw new UnreachableException($"condition {condition?.GetType().Name}");
        }
    }

    private static bool Compares(in FieldValue value, CompareOp op, in FieldValue literal)
    {
        if (value.IsMissing)
        {
            return false;
        }

        return op switch
        {
            CompareOp.Equal => Same(value, literal),
            CompareOp.NotEqual => !Same(value, literal),
            CompareOp.Less => Order(value, literal) < 0,
            CompareOp.LessOrEqual => Order(value, literal) <= 0,
            CompareOp.Greater => Order(value, literal) > 0,
            CompareOp.GreaterOrEqual => Order(value, literal) >= 0,
            _ => throw new UnreachableException($"comparison {op}"),
        };
    }

    // Codes and texts are compared as texts, whichever of the two the row says.
    private static bool Same(in FieldValue value, in FieldValue literal) => literal.Type switch
    {
        FieldType.Text or FieldType.Code => string.Equals(value.AsText, literal.AsText, StringComparison.Ordinal),
        FieldType.Integer => value.AsInteger == literal.AsInteger,
        FieldType.Decimal => value.AsDecimal == literal.AsDecimal,
        FieldType.Boolean => value.AsBoolean == literal.AsBoolean,
        FieldType.Date => value.AsDate == literal.AsDate,
        FieldType.Timestamp => value.AsTimestamp == literal.AsTimestamp,
        _ => throw NotComparable(literal),
    };

    private static int Order(in FieldValue value, in FieldValue literal) => literal.Type switch
    {
        FieldType.Text or FieldType.Code => Utf8Order.Compare(value.AsText, literal.AsText),
        FieldType.Integer => value.AsInteger.CompareTo(literal.AsInteger),
        FieldType.Decimal => value.AsDecimal.CompareTo(literal.AsDecimal),
        FieldType.Date => value.AsDate.CompareTo(literal.AsDate),
        FieldType.Timestamp => value.AsTimestamp.CompareTo(literal.AsTimestamp),
        _ => throw NotComparable(literal),
    };

    private static bool IsIn(in FieldValue value, Condition.In list)
    {
        if (value.IsMissing)
        {
            return false;
        }

        foreach (ref readonly var literal in list.Literals.AsSpan())
        {
            if (Same(value, literal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(in FieldValue value, string item) =>
        !value.IsMissing && value.AsTextList.AsSpan().Contains(item);

    private static bool Finds(in FieldValue value, Condition.Search search, TextMatch? match)
    {
        if (match is null)
        {
            throw new InvalidOperationException("a text search was evaluated where none may stand");
        }

        return !value.IsMissing && match(value.AsText, search);
    }

    private static InvalidOperationException NotComparable(in FieldValue literal) => new($"values of type {literal.Type} are not compared");
}
