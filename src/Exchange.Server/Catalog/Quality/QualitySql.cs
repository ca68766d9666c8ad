using System.Collections.Immutable;
using System.Diagnostics;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Catalog.Quality;

/// <summary>
/// The statement that counts, in one partition of a resource's table, the records that each rule applies to and those that meet it, by the departments that own fields of
/// them: one row for each combination of owners, which <see cref="QualityCount"/> adds up.
/// </summary>
internal sealed class QualitySql
{
    private readonly ResourceDefinition resource;
    private readonly SubjectTable table;
    private readonly GovernanceState state;
    private readonly DateTimeOffset now;
    private readonly SubjectSql sql = new();
    private readonly Dictionary<int, WorkingDayTable> limits = [];

    private QualitySql(GovernanceState state, ResourceDefinition resource, DateTimeOffset now)
    {
        (this.state, this.resource, this.now) = (state, resource, now);
        table = SubjectTable.Of(resource);
    }

    /// <summary>
    /// The statement. Its columns: the departments that these attributes name, null where they name none; then for each rule how many records it applies to and how many
    /// meet it.
    /// </summary>
    public static SubjectSql Count(
        GovernanceState state, ResourceDefinition resource, ImmutableArray<MeasuredRule> rules, ImmutableArray<AttributeRef> owners, int partition, DateTimeOffset now) =>
        new QualitySql(state, resource, now).Build(rules, owners, partition);

    private SubjectSql Build(ImmutableArray<MeasuredRule> rules, ImmutableArray<AttributeRef> owners, int partition)
    {
        sql.Append($"SELECT ");
        var departments = SqlValue.Parameter<string[]>([.. state.Departments.Keys], NpgsqlDbType.Array | NpgsqlDbType.Text);
        foreach (var owner in owners)
        {
            var column = table.ColumnOf(owner);
            sql.Append($"CASE WHEN {column} = ANY ({departments}) THEN {column} END, ");
        }

        sql.AppendEach(rules, ", ", (_, rule) =>
        {
            sql.Append($"count(*) FILTER (WHERE ");
            Applies(rule);
            sql.Append($"), count(*) FILTER (WHERE ");
            Applies(rule);
            sql.Append($" AND ");
            Meets(rule);
            sql.Append($")");
        });
        sql.Append($" FROM {SubjectTable.Schema}.{table.Name} WHERE partition = {partition}");
        if (!owners.IsEmpty)
        {
            sql.Append($" GROUP BY ");
            sql.AppendEach(Enumerable.Range(1, owners.Length), ", ", (_, place) => sql.Append($"{place}"));
        }

        return sql;
    }

    // What is unknown counts as false: in both, a missing value.
    private void Applies(MeasuredRule measured)
    {
        switch (measured.Rule)
        {
            case QualityRule.Required:
                sql.Append($"TRUE");
                break;
            case QualityRule.Timeliness rule:
                sql.Append($"(");
                if (IsTime(measured.Field))
                {
                    Due(rule);
                    sql.Append($" IS NOT NULL AND ({ColumnOf(measured.Field)} IS NOT NULL OR ");
                    IsOver(rule);
                    sql.Append($")");
                }
                else
                {
                    IsOver(rule);
                }

                sql.Append($")");
                break;
            default:
                Present(measured.Field);
                break;
        }
    }

    private void Meets(MeasuredRule measured)
    {
        var column = ColumnOf(measured.Field);
        switch (measured.Rule)
        {
            case QualityRule.Range range:
                sql.Append($"(");
                _ = Bound(measured.Field, range.Min) is { } min ? sql.Append($"{column} >= {min}") : sql.Append($"TRUE");
                _ = Bound(measured.Field, range.Max) is { } max ? sql.Append($" AND {column} <= {max}") : sql;
                sql.Append($")");
                break;
            case QualityRule.Pattern { Expression: var expression }:
                sql.Append($"{column} ~ {SqlValue.Parameter($"^(?:{expression})$", NpgsqlDbType.Text)}");
                break;
            case QualityRule.Reference { CodeList: var list }:
                string[] codes = [.. state.CodeLists[list.Value].Codes.Where(code => !code.Retired).Select(code => code.Code)];
                sql.Append($"{column} = ANY ({SqlValue.Parameter(codes, NpgsqlDbType.Array | NpgsqlDbType.Text)})");
                break;
            case QualityRule.Timeliness rule when IsTime(measured.Field):
                Instant(measured.Field);
                _ = rule.WorkingDays > 0 ? sql.Append($" < ") : sql.Append($" <= ");
                Due(rule);
                break;
            case QualityRule.Required or QualityRule.Timeliness:
                Present(measured.Field);
                break;
            default:
                throw new UnreachableException($"rule {measured.Rule.GetType().Name} has no SQL");
        }
    }

    private void Present(FieldDefinition field)
    {
        var column = ColumnOf(field);
        _ = field.Type switch
        {
            FieldType.Text or FieldType.Code => sql.Append($"{column} <> ''"),
            FieldType.TextList => sql.Append($"cardinality({column}) > 0"),
            _ => sql.Append($"{column} IS NOT NULL"),
        };
    }

    private void IsOver(QualityRule.Timeliness rule)
    {
        Due(rule);
        var instant = SqlValue.Parameter(SqlValue.ToSqlTimestamp(now), NpgsqlDbType.TimestampTz);
        _ = rule.WorkingDays > 0 ? sql.Append($" <= {instant}") : sql.Append($" < {instant}");
    }

    // End of the limit. Of hours, the last instant in it; of working days, the first one behind it.
    private void Due(QualityRule.Timeliness rule)
    {
        if (rule.WorkingDays is 0)
        {
            sql.Append($"(");
            Beginning(rule);
            sql.Append($" + make_interval(hours => {rule.Hours}))");
            return;
        }

        if (!limits.TryGetValue(rule.WorkingDays, out var limit))
        {
            limits.Add(rule.WorkingDays, limit = WorkingDayTable.Of(state.Settings.Calendar, rule.WorkingDays, now));
        }

        sql.Append($"({limit.Ends})[width_bucket(");
        Beginning(rule);
        sql.Append($", {limit.Beginnings})]");
    }

    private void Beginning(QualityRule.Timeliness rule)
    {
        if (resource.TryGetField(rule.After, out var after))
        {
            Instant(after);
        }
        else
        {
            sql.Append($"{table.ColumnOf(SystemAttributes.CreateTime)}");
        }
    }

    // A date is its first instant in the hub's time zone.
    private void Instant(FieldDefinition field) => _ = field.Type is FieldType.Date
        ? sql.Append($"({ColumnOf(field)}::timestamp AT TIME ZONE {SqlValue.Parameter(state.Settings.Calendar.TimeZone, NpgsqlDbType.Text)})")
        : sql.Append($"{ColumnOf(field)}");

    private SqlName ColumnOf(FieldDefinition field) => table.Columns[resource.IndexOf(field.Number)].Name;

    private static NpgsqlParameter? Bound(FieldDefinition field, string text) => text.Length > 0 && QualityRules.Bound(field, text) is { } bound ? SqlValue.Parameter(bound) : null;

    private static bool IsTime(FieldDefinition field) => field.Type is FieldType.Date or FieldType.Timestamp;
}
