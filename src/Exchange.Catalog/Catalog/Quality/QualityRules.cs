using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>What makes quality rules of a field publishable, and what they come to.</summary>
public static class QualityRules
{
    /// <summary>Most rules of one field.</summary>
    public const int MostOfField = 10;

    /// <summary>Most rules of one resource: a measure counts all of them in one statement.</summary>
    public const int MostOfResource = 200;

    // Goes up when what is counted changes: everything is measured anew then.
    private const int Formula = 1;

    /// <summary>The rules that are measured, with their fields' places in the resource and their own in the field: none of retired fields.</summary>
    public static ImmutableArray<MeasuredRule> Of(ResourceDefinition resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return
        [
            .. resource.Fields.Where(field => !field.Retired).SelectMany(field => field.QualityRules.Index().Select(rule => new MeasuredRule(field, rule.Index, rule.Item))),
        ];
    }

    /// <summary>
    /// Tells one set of rules from another, with all that they are measured by: code lists, the calendar. Empty when there is nothing to measure.
    /// </summary>
    public static string Fingerprint(GovernanceState state, ResourceDefinition resource)
    {
        ArgumentNullException.ThrowIfNull(state);
        var rules = Of(resource);
        if (rules.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Formula}");
        foreach (var (field, index, rule) in rules)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{field.Number} {index} {rule}");
            if (rule is QualityRule.Reference { CodeList: var list })
            {
                text.Append(CultureInfo.InvariantCulture, $" {state.CodeLists.GetValueOrDefault(list.Value)?.Version}");
            }

            if (rule is QualityRule.Timeliness { WorkingDays: > 0 } || rule is QualityRule.Timeliness && HasDates(resource, field))
            {
                var calendar = state.Settings.Calendar;
                text.Append(CultureInfo.InvariantCulture, $" {calendar.TimeZone} {string.Join(' ', calendar.Holidays)} {string.Join(' ', calendar.WorkingWeekendDays)}");
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    /// <summary>Value of a bound of a range, as a literal of the field's type; null when it is none, or the type has no order.</summary>
    public static FieldValue? Bound(FieldDefinition field, string text)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(text);
        var written = field.Type switch
        {
            FieldType.Integer or FieldType.Decimal => text,
            FieldType.Date or FieldType.Timestamp => $"\"{text}\"",
            _ => null,
        };
        return written is not null && text.All(sign => char.IsAsciiDigit(sign) || sign is '-' or '+' or '.' or ':' or 'T' or 'Z')
            && ConditionParser.Parse($"value = {written}", new OneField(field.Type)).Condition is Condition.Compare { Op: CompareOp.Equal, Literal: var bound } ? bound : null;
    }

    /// <summary>Adds what is wrong with the rules of a field.</summary>
    internal static void Check(GovernanceState state, ImmutableArray<FieldDefinition> fields, FieldDefinition field, Action<string, string, string> add)
    {
        foreach (var (index, rule) in field.QualityRules.Index().Take(MostOfField))
        {
            var path = $"quality_rules[{index}]";
            if (field.QualityRules.Take(index).Contains(rule))
            {
                add(path, "DUPLICATE", "the rule stands here twice");
            }

            switch (rule)
            {
                case QualityRule.Required:
                    break;
                case QualityRule.Range range:
                    CheckRange(field, range, path, add);
                    break;
                case QualityRule.Pattern when field.Type is not FieldType.Text:
                    add($"{path}.pattern", "NOT_APPLICABLE", "only for TEXT");
                    break;
                case QualityRule.Pattern { Expression: var expression }:
                    if (QualityPattern.Check(expression) is { } complaint)
                    {
                        add($"{path}.pattern", "INVALID_PATTERN", complaint);
                    }

                    break;
                case QualityRule.Reference when field.Type is not (FieldType.Text or FieldType.Code):
                    add($"{path}.code_list", "NOT_APPLICABLE", "only for TEXT and CODE");
                    break;
                case QualityRule.Reference { CodeList: var list }:
                    if (!state.CodeLists.ContainsKey(list.Value))
                    {
                        add($"{path}.code_list", "CODE_LIST_NOT_FOUND", $"there is no code list `{list}`: publish it first");
                    }

                    break;
                case QualityRule.Timeliness timeliness:
                    CheckTimeliness(fields, field, timeliness, $"{path}.timeliness", add);
                    break;
                default:
                    add(path, "REQUIRED", "give required, range, pattern, code_list or timeliness");
                    break;
            }
        }
    }

    private static void CheckRange(FieldDefinition field, QualityRule.Range range, string path, Action<string, string, string> add)
    {
        if (field.Type is not (FieldType.Integer or FieldType.Decimal or FieldType.Date or FieldType.Timestamp))
        {
            add($"{path}.range", "NOT_APPLICABLE", "only for INTEGER, DECIMAL, DATE and TIMESTAMP");
            return;
        }

        if (range is { Min: "", Max: "" })
        {
            add($"{path}.range", "REQUIRED", "give `min`, `max` or both");
            return;
        }

        var (min, max) = (Read("min", range.Min), Read("max", range.Max));
        if (min is { } least && max is { } most && Order(least, most) > 0)
        {
            add($"{path}.range", "OUT_OF_RANGE", "`min` is beyond `max`");
        }

        FieldValue? Read(string part, string text)
        {
            var bound = text.Length is 0 ? null : Bound(field, text);
            if (text.Length > 0 && bound is null)
            {
                add($"{path}.range.{part}", "WRONG_TYPE", $"must be of the field's type, as in a filter: {Wanted(field.Type)}");
            }

            return bound;
        }
    }

    private static int Order(in FieldValue left, in FieldValue right) => left.Type switch
    {
        FieldType.Integer => left.AsInteger.CompareTo(right.AsInteger),
        FieldType.Decimal => left.AsDecimal.CompareTo(right.AsDecimal),
        FieldType.Date => left.AsDate.CompareTo(right.AsDate),
        _ => left.AsTimestamp.CompareTo(right.AsTimestamp),
    };

    private static string Wanted(FieldType type) => type switch
    {
        FieldType.Integer => "a whole number of 64 bits",
        FieldType.Decimal => "a number such as -12.50, of at most 28 digits",
        FieldType.Date => "a date such as 2015-01-31",
        _ => "a timestamp such as 2015-01-31T08:00:00+08:00",
    };

    private static void CheckTimeliness(
        ImmutableArray<FieldDefinition> fields, FieldDefinition field, QualityRule.Timeliness rule, string path, Action<string, string, string> add)
    {
        if (rule.Hours is < 0 or > QualityRule.Timeliness.MostHours)
        {
            add($"{path}.hours", "OUT_OF_RANGE", $"must be 1 to {QualityRule.Timeliness.MostHours}, or 0 beside `working_days`");
        }

        if (rule.WorkingDays is < 0 or > QualityRule.Timeliness.MostWorkingDays)
        {
            add($"{path}.working_days", "OUT_OF_RANGE", $"must be 1 to {QualityRule.Timeliness.MostWorkingDays}, or 0 beside `hours`");
        }

        if (rule.Hours is 0 == rule.WorkingDays is 0)
        {
            add(path, "REQUIRED", "give either `hours` or `working_days`");
        }

        if (rule.After.Length is 0)
        {
            return;
        }

        var after = fields.FirstOrDefault(candidate => candidate.Name == rule.After);
        if (after is null)
        {
            add($"{path}.after_field", "UNKNOWN_FIELD", $"there is no field `{rule.After}` in this resource");
        }
        else if (after.Name == field.Name || after.Retired || after.Type is not (FieldType.Date or FieldType.Timestamp))
        {
            add($"{path}.after_field", "WRONG_TYPE", "must be another DATE or TIMESTAMP that is not retired; leave it out for the opening of the record");
        }
    }

    // Days begin where the calendar's time zone lets them.
    private static bool HasDates(ResourceDefinition resource, FieldDefinition field) =>
        field.Type is FieldType.Date
        || field.QualityRules.OfType<QualityRule.Timeliness>().Any(rule => resource.TryGetField(rule.After, out var after) && after.Type is FieldType.Date);

    private sealed class OneField(FieldType type) : IConditionSchema
    {
        public bool TryResolve(string name, out AttributeRef attribute)
        {
            attribute = new("value", 1, type);
            return name == "value";
        }

        public bool IsSearchable(AttributeRef attribute) => false;
    }
}

/// <summary>One rule that is measured.</summary>
/// <param name="Field">Its field.</param>
/// <param name="Index">Its place among the field's rules, from 0.</param>
/// <param name="Rule">The rule.</param>
public sealed record MeasuredRule(FieldDefinition Field, int Index, QualityRule Rule);
