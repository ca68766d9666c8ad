using System.Collections.Immutable;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>The statements of a pull: of its sample, of one page.</summary>
internal static class PullStatement
{
    /// <summary>
    /// How many rows there are in a sample of so many at most, and how many of them a page would have. Ids are hashes, so the first ones of a partition are
    /// a fair sample of all rows, which those opened first are not.
    /// </summary>
    public static SubjectSql Sample(PullShape shape, int partition, int rows)
    {
        var sql = new SubjectSql().Append($"SELECT count(*), count(*) FILTER (WHERE TRUE");
        AppendHolds(sql, shape);
        return sql.Append(
            $"""
            ) FROM (SELECT * FROM {SubjectTable.Schema}.{shape.Table.Name} WHERE partition = {SqlValue.Parameter(partition, NpgsqlDbType.Integer)}
            ORDER BY partition, record_id LIMIT {SqlValue.Parameter(rows, NpgsqlDbType.Integer)}) looked
            """);
    }

    /// <summary>
    /// A page of so many rows at most, after the position, on the route's way. What was opened behind the heads is not looked at: a page that had such rows
    /// in it could be full of them, and so could the next.
    /// </summary>
    public static SubjectSql Of(PullShape shape, PullRoute route, IReadOnlyDictionary<int, long> heads, in PullPosition after, int rows)
    {
        var sql = new SubjectSql();
        shape.AppendSelect(sql);
        _ = route.Way is PullWay.Walk ? sql.Append($" FROM ") : sql.Append($" FROM (SELECT * FROM ");
        sql.Append($"{SubjectTable.Schema}.{shape.Table.Name} WHERE ");
        AppendAfter(sql, shape, route, after);
        AppendUntil(sql, route.PartitionsAfter(after), heads);
        AppendHolds(sql, shape);
        AppendOrder(sql, shape);
        sql.Append($" LIMIT {SqlValue.Parameter(rows, NpgsqlDbType.Integer)}");
        if (route.Way is not PullWay.Walk)
        {
            // What is sorted are rows as they stand: only those of the page are made into what is sent.
            sql.Append($") page");
            AppendOrder(sql, shape);
        }

        return sql;
    }

    // Without an order of the reader's a page is a range of what was opened in one partition, or taken from what indexes propose in some of them.
    private static void AppendAfter(SubjectSql sql, PullShape shape, PullRoute route, in PullPosition after)
    {
        if (shape.View.Order is { } order)
        {
            AppendAfterValue(sql, shape.Table.ColumnOf(order.Attribute), order.IsDescending, after, SqlValue.Parameter(after.RecordId, NpgsqlDbType.Uuid));
            return;
        }

        var opened = SqlValue.Parameter(after.Opened, NpgsqlDbType.Bigint);
        var partition = SqlValue.Parameter(after.Partition, NpgsqlDbType.Integer);
        var partitions = route.PartitionsAfter(after);
        if (partitions.Length is 1)
        {
            sql.Append($"partition = {partition} AND opened_position > {opened}");
            return;
        }

        sql.Append($"partition = ANY ({SqlValue.Parameter(partitions.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer)})");
        _ = after.IsBefore ? sql : sql.Append($" AND (partition, opened_position) > ({partition}, {opened})");
    }

    private static void AppendUntil(SubjectSql sql, ImmutableArray<int> partitions, IReadOnlyDictionary<int, long> heads)
    {
        if (partitions is [var only])
        {
            sql.Append($" AND opened_position <= {SqlValue.Parameter(heads.GetValueOrDefault(only), NpgsqlDbType.Bigint)}");
            return;
        }

        var (of, until) = (SqlValue.Parameter(heads.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer), SqlValue.Parameter(heads.Values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint));
        sql.Append($" AND opened_position <= ({until})[array_position({of}, partition)]");
    }

    private static void AppendAfterValue(SubjectSql sql, SqlName column, bool isDescending, in PullPosition after, NpgsqlParameter recordId)
    {
        if (after.IsBefore)
        {
            sql.Append($"TRUE");
            return;
        }

        if (after.OrderValue.IsMissing)
        {
            sql.Append($"({column} IS NULL AND record_id > {recordId})");
            return;
        }

        var value = SqlValue.Parameter(after.OrderValue);
        _ = isDescending
            ? sql.Append($"({column} < {value} OR ({column} = {value} AND record_id > {recordId}) OR {column} IS NULL)")
            : sql.Append($"({column} > {value} OR ({column} = {value} AND record_id > {recordId}) OR {column} IS NULL)");
    }

    private static void AppendHolds(SubjectSql sql, PullShape shape)
    {
        AppendAnd(sql, shape, shape.View.Plan.Plan.RowVisible);
        AppendAnd(sql, shape, shape.View.Filter);
    }

    private static void AppendAnd(SubjectSql sql, PullShape shape, Condition condition)
    {
        if (condition is not Condition.True)
        {
            sql.Append($" AND ");
            ConditionSql.Append(sql, shape.Table, condition);
        }
    }

    private static void AppendOrder(SubjectSql sql, PullShape shape)
    {
        if (shape.View.Order is not { } order)
        {
            sql.Append($" ORDER BY partition, opened_position");
            return;
        }

        var column = shape.Table.ColumnOf(order.Attribute);
        _ = order.IsDescending ? sql.Append($" ORDER BY {column} DESC NULLS LAST, record_id") : sql.Append($" ORDER BY {column} NULLS LAST, record_id");
    }
}
