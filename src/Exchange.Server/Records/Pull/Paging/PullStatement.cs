using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>The statement of one page.</summary>
internal static class PullStatement
{
    /// <summary>A page of so many rows at most, after the position, on the route's way.</summary>
    public static SubjectSql Of(PullShape shape, PullRoute route, in PullPosition after, int rows)
    {
        var sql = new SubjectSql();
        shape.AppendSelect(sql);
        _ = route.Way is PullWay.Walk ? sql.Append($" FROM ") : sql.Append($" FROM (SELECT * FROM ");
        sql.Append($"{SubjectTable.Schema}.{shape.Table.Name} WHERE ");
        AppendAfter(sql, shape, route, after);
        if (route.Way is PullWay.Look)
        {
            sql.Append($" ORDER BY partition, record_id LIMIT {PullRoute.LookRows}) looked WHERE TRUE");
        }

        AppendAnd(sql, shape, shape.View.Plan.Plan.RowVisible);
        AppendAnd(sql, shape, shape.View.Filter);
        AppendOrder(sql, shape);
        sql.Append($" LIMIT {SqlValue.Parameter(rows, NpgsqlDbType.Integer)}");
        if (route.Way is PullWay.Index or PullWay.Ordered)
        {
            // What is sorted are rows as they stand: only those of the page are made into what is sent.
            sql.Append($") page");
            AppendOrder(sql, shape);
        }

        return sql;
    }

    // Without an order of the reader's a page is a range of the primary key, or taken from what indexes propose in some partitions.
    private static void AppendAfter(SubjectSql sql, PullShape shape, PullRoute route, in PullPosition after)
    {
        var recordId = SqlValue.Parameter(after.RecordId, NpgsqlDbType.Uuid);
        if (shape.View.Order is { } order)
        {
            AppendAfterValue(sql, shape.Table.ColumnOf(order.Attribute), order.IsDescending, after, recordId);
            return;
        }

        var partition = SqlValue.Parameter(after.Partition, NpgsqlDbType.Integer);
        var partitions = route.PartitionsAfter(after);
        if (partitions.Length is 1)
        {
            // No record has the empty id.
            sql.Append($"partition = {partition} AND record_id > {recordId}");
            return;
        }

        sql.Append($"partition = ANY ({SqlValue.Parameter(partitions.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer)})");
        _ = after.IsBefore ? sql : sql.Append($" AND (partition, record_id) > ({partition}, {recordId})");
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
            sql.Append($" ORDER BY partition, record_id");
            return;
        }

        var column = shape.Table.ColumnOf(order.Attribute);
        _ = order.IsDescending ? sql.Append($" ORDER BY {column} DESC NULLS LAST, record_id") : sql.Append($" ORDER BY {column} NULLS LAST, record_id");
    }
}
