using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>The statement of one page.</summary>
internal sealed class PullStatement
{
    private PullStatement(SubjectSql sql, bool mustCheck)
    {
        Sql = sql;
        MustCheck = mustCheck;
    }

    /// <summary>The statement.</summary>
    public SubjectSql Sql { get; }

    /// <summary>True when the filter must be checked again in memory.</summary>
    public bool MustCheck { get; }

    /// <summary>A page of so many rows at most, after the position.</summary>
    public static PullStatement Of(PullShape shape, in PullPosition after, int rows)
    {
        var sql = new SubjectSql();
        shape.AppendSelect(sql);
        sql.Append($" FROM {SubjectTable.Schema}.{shape.Table.Name} WHERE ");
        AppendAfter(sql, shape, after);
        AppendAnd(sql, shape, shape.View.Plan.Plan.RowVisible);
        var mustCheck = AppendAnd(sql, shape, shape.View.Filter);
        AppendOrder(sql, shape);
        sql.Append($" LIMIT {SqlValue.Parameter(rows, NpgsqlDbType.Integer)}");
        return new PullStatement(sql, mustCheck);
    }

    // Without an order of the reader's every page is a range of the primary key; a search takes it from the rows its own index gives.
    private static void AppendAfter(SubjectSql sql, PullShape shape, in PullPosition after)
    {
        var recordId = SqlValue.Parameter(after.RecordId, NpgsqlDbType.Uuid);
        if (shape.View.Order is { } order)
        {
            AppendAfterValue(sql, shape.Table.ColumnOf(order.Attribute), order.IsDescending, after, recordId);
            return;
        }

        var partition = SqlValue.Parameter(after.Partition, NpgsqlDbType.Integer);
        if (!shape.IsSearch)
        {
            // No record has the empty id.
            sql.Append($"partition = {partition} AND record_id > {recordId}");
            return;
        }

        _ = after.IsBefore ? sql.Append($"TRUE") : sql.Append($"(partition, record_id) > ({partition}, {recordId})");
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

    private static bool AppendAnd(SubjectSql sql, PullShape shape, Condition condition)
    {
        if (condition is Condition.True)
        {
            return false;
        }

        sql.Append($" AND ");
        return ConditionSql.Append(sql, shape.Table, condition);
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
