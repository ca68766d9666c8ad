using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// One field of a pull: how the database decides whether its value may leave, and where it stands in the result. A value that the plan denies, or
/// shows as nothing, never leaves the database; where different masks may stand on it, the number of the deciding rule comes with it.
/// </summary>
internal sealed class PullColumn
{
    /// <summary>A field under its plan.</summary>
    public PullColumn(int fieldIndex, SubjectColumn column, FieldPlan plan)
    {
        FieldIndex = fieldIndex;
        Column = column;
        Rules = plan.Rules;
        IsPlain = plan.AllowedEverywhereUnmasked;
        int[] shown = [.. Rules.Index().Where(rule => Shows(rule.Item)).Select(rule => rule.Index)];
        IsDenied = shown.Length is 0;
        FixedRule = shown.Length > 0 && shown.All(rule => MaskOf(Rules[rule]) == MaskOf(Rules[shown[0]])) ? shown[0] : -1;
    }

    /// <summary>Place of the field in the resource.</summary>
    public int FieldIndex { get; }

    /// <summary>Where it stands in the subject table.</summary>
    public SubjectColumn Column { get; }

    /// <summary>The rules that decide it.</summary>
    public ImmutableArray<PlanRule> Rules { get; }

    /// <summary>True when every value may leave as it is.</summary>
    public bool IsPlain { get; }

    /// <summary>True when no value may leave.</summary>
    public bool IsDenied { get; }

    /// <summary>The rule whose mask stands on every value that leaves; -1 when it depends on the row.</summary>
    public int FixedRule { get; }

    /// <summary>True when the deciding rule must come with the value.</summary>
    public bool NeedsRule => !IsPlain && !IsDenied && FixedRule < 0;

    /// <summary>True when in every row the rule of the same number decides the other field.</summary>
    public bool IsDecidedAs(PullColumn other) =>
        Rules.Length == other.Rules.Length && Rules.Zip(other.Rules).All(pair => pair.First.Condition.Equals(pair.Second.Condition) && Shows(pair.First) == Shows(pair.Second));

    /// <summary>Adds the expressions of the value: one, or two for a field of two columns. What a source has for a code stays where a mask stands on the code.</summary>
    public void AppendValue(SubjectSql sql, SubjectTable table)
    {
        AppendValue(sql, table, Column.Name, Shows);
        if (Column.Second is { } second)
        {
            sql.Append($", ");
            AppendValue(sql, table, second, Column.IsSourced ? ShowsAsItIs : Shows);
        }
    }

    /// <summary>Adds the expression of the deciding rule's number.</summary>
    public void AppendRule(SubjectSql sql, SubjectTable table)
    {
        sql.Append($"CASE");
        foreach (var (index, rule) in Rules.Index())
        {
            sql.Append($" WHEN ");
            ConditionSql.Append(sql, table, rule.Condition);
            _ = Shows(rule) ? sql.Append($" THEN {index}") : sql.Append($" THEN -1");
        }

        sql.Append($" ELSE -1 END");
    }

    private static bool Shows(PlanRule rule) => rule.IsAllow && rule.Mask.Kind is not MaskKind.Null;

    private static bool ShowsAsItIs(PlanRule rule) => rule.IsAllow && !rule.Mask.Hides;

    private static Mask MaskOf(PlanRule rule) => rule.Mask.Hides ? rule.Mask : Mask.None;

    private void AppendValue(SubjectSql sql, SubjectTable table, SqlName name, Func<PlanRule, bool> shows)
    {
        if (IsPlain)
        {
            sql.Append($"{name}");
            return;
        }

        if (IsDenied)
        {
            sql.Append($"NULL::{SqlType.Of(Column)}");
            return;
        }

        sql.Append($"CASE");
        foreach (var rule in Rules)
        {
            sql.Append($" WHEN ");
            ConditionSql.Append(sql, table, rule.Condition);
            _ = shows(rule) ? sql.Append($" THEN {name}") : sql.Append($" THEN NULL");
        }

        sql.Append($" END");
    }
}
