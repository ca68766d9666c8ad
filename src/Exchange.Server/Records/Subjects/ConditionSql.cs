using System.Collections.Immutable;
using System.Diagnostics;
using Exchange.Catalog.Search;
using Exchange.Policy.Conditions;
using NpgsqlTypes;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// Conditions as SQL over a subject table, with exactly the meaning they have in memory: a comparison with a missing value is false, so its
/// negation is true. Negation is pushed down to the comparisons, where it says `OR … IS NULL`; what remains is monotone, in which SQL's
/// unknown is as good as false, and positive comparisons stay bare so that an index serves them.
/// </summary>
internal static class ConditionSql
{
    /// <summary>
    /// Adds the condition in parentheses. True when the rows it selects are a superset that must be checked again in memory: a text search
    /// that the index answers approximately.
    /// </summary>
    public static bool Append(SubjectSql sql, SubjectTable table, Condition condition) => Append(sql, table, condition, isNegated: false);

    private static bool Append(SubjectSql sql, SubjectTable table, Condition condition, bool isNegated)
    {
        switch (condition)
        {
            case Condition.True:
                _ = isNegated ? sql.Append($"FALSE") : sql.Append($"TRUE");
                return false;
            case Condition.False:
                _ = isNegated ? sql.Append($"TRUE") : sql.Append($"FALSE");
                return false;
            case Condition.Not not:
                return Append(sql, table, not.Term, !isNegated);
            case Condition.And and:
                return AppendAll(sql, table, and.Terms, isAnd: !isNegated, isNegated);
            case Condition.Or or:
                return AppendAll(sql, table, or.Terms, isAnd: isNegated, isNegated);
            case Condition.Compare compare:
                AppendCompare(sql, table.ColumnOf(compare.Attribute), compare, isNegated);
                return false;
            case Condition.In list:
                AppendIn(sql, table.ColumnOf(list.Attribute), list, isNegated);
                return false;
            case Condition.Has has:
                AppendHas(sql, table.ColumnOf(has.Attribute), SqlValue.Parameter(has.Item, NpgsqlDbType.Text), isNegated);
                return false;
            case Condition.Present present:
                var column = table.ColumnOf(present.Attribute);
                _ = isNegated ? sql.Append($"{column} IS NULL") : sql.Append($"{column} IS NOT NULL");
                return false;
            case Condition.Search search:
                return AppendSearch(sql, search, isNegated);
            default:
                throw new UnreachableException($"condition {condition.GetType().Name} has no SQL");
        }
    }

    private static bool AppendAll(SubjectSql sql, SubjectTable table, ImmutableArray<Condition> terms, bool isAnd, bool isNegated)
    {
        if (terms.IsEmpty)
        {
            _ = isAnd ? sql.Append($"TRUE") : sql.Append($"FALSE");
            return false;
        }

        var isSuperset = false;
        sql.Append($"(");
        sql.AppendEach(terms, isAnd ? " AND " : " OR ", (_, term) => isSuperset |= Append(sql, table, term, isNegated));
        sql.Append($")");
        return isSuperset;
    }

    private static void AppendCompare(SubjectSql sql, SqlName column, Condition.Compare compare, bool isNegated)
    {
        var literal = SqlValue.Parameter(compare.Literal);
        if (isNegated)
        {
            sql.Append($"({column} IS NULL OR ");
        }

        _ = (isNegated ? Opposite(compare.Op) : compare.Op) switch
        {
            CompareOp.Equal => sql.Append($"{column} = {literal}"),
            CompareOp.NotEqual => sql.Append($"{column} <> {literal}"),
            CompareOp.Less => sql.Append($"{column} < {literal}"),
            CompareOp.LessOrEqual => sql.Append($"{column} <= {literal}"),
            CompareOp.Greater => sql.Append($"{column} > {literal}"),
            CompareOp.GreaterOrEqual => sql.Append($"{column} >= {literal}"),
            _ => throw new UnreachableException($"comparison {compare.Op}"),
        };
        if (isNegated)
        {
            sql.Append($")");
        }
    }

    private static CompareOp Opposite(CompareOp op) => op switch
    {
        CompareOp.Equal => CompareOp.NotEqual,
        CompareOp.NotEqual => CompareOp.Equal,
        CompareOp.Less => CompareOp.GreaterOrEqual,
        CompareOp.LessOrEqual => CompareOp.Greater,
        CompareOp.Greater => CompareOp.LessOrEqual,
        CompareOp.GreaterOrEqual => CompareOp.Less,
        _ => throw new UnreachableException($"comparison {op}"),
    };

    private static void AppendIn(SubjectSql sql, SqlName column, Condition.In list, bool isNegated)
    {
        if (list.Literals.IsEmpty)
        {
            _ = isNegated ? sql.Append($"TRUE") : sql.Append($"FALSE");
            return;
        }

        var literals = SqlValue.ArrayParameter(list.Literals[0].Type, list.Literals.AsSpan());
        _ = isNegated ? sql.Append($"({column} IS NULL OR {column} <> ALL ({literals}))") : sql.Append($"{column} = ANY ({literals})");
    }

    private static void AppendHas(SubjectSql sql, SqlName column, Npgsql.NpgsqlParameter item, bool isNegated) =>
        _ = isNegated ? sql.Append($"({column} IS NULL OR {item} <> ALL ({column}))") : sql.Append($"{item} = ANY ({column})");

    private static bool AppendSearch(SubjectSql sql, Condition.Search search, bool isNegated)
    {
        var query = SearchTokens.Query(search.Attribute.Number, search.Phrase);
        if (query.Lexemes.IsEmpty)
        {
            _ = isNegated ? sql.Append($"TRUE") : sql.Append($"FALSE");
            return false;
        }

        if (isNegated && !query.IsExact)
        {
            // The index knows who may match, not who does not.
            sql.Append($"TRUE");
            return true;
        }

        var lexemes = SqlValue.Parameter(query.ToTsQuery(), NpgsqlDbType.Text);
        _ = isNegated
            ? sql.Append($"({SubjectTable.Search} IS NULL OR NOT {SubjectTable.Search} @@ {lexemes}::tsquery)")
            : sql.Append($"{SubjectTable.Search} @@ {lexemes}::tsquery");
        return !query.IsExact;
    }
}
