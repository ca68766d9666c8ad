using System.Globalization;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>
/// Quality rules as catalog files have them: `required`, `range 0..100` (either bound may be left out), `pattern [0-9]{11}`, `code-list districts`,
/// `within 24 hours`, `within 5 working-days of accepted_at`.
/// </summary>
public static class QualityRuleText
{
    /// <summary>What a rule may be, for complaints.</summary>
    internal const string Forms = "`required`, `range 0..100`, `pattern [0-9]{11}`, `code-list districts`, `within 24 hours`, `within 5 working-days of accepted_at`";

    /// <summary>The rule as text; empty for one that is not known here.</summary>
    public static string Write(QualityRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule.RuleCase switch
        {
            QualityRule.RuleOneofCase.Required => "required",
            QualityRule.RuleOneofCase.Range => $"range {rule.Range.Min}..{rule.Range.Max}",
            QualityRule.RuleOneofCase.Pattern => $"pattern {rule.Pattern}",
            QualityRule.RuleOneofCase.CodeList => $"code-list {rule.CodeList[(rule.CodeList.LastIndexOf('/') + 1)..]}",
            QualityRule.RuleOneofCase.Timeliness => $"within {Limit(rule.Timeliness)}{(rule.Timeliness.AfterField is "" ? "" : $" of {rule.Timeliness.AfterField}")}",
            _ => "",
        };
    }

    /// <summary>The rule of a text; null when it has none of the forms. The hub checks what it says.</summary>
    public static QualityRule? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(' ', 2) switch
        {
            ["required"] => new QualityRule { Required = true },
            ["range", var bounds] when bounds.Trim().Split("..") is [var min, var max] => new QualityRule { Range = new QualityRange { Min = min, Max = max } },
            ["pattern", { Length: > 0 } pattern] => new QualityRule { Pattern = pattern },
            ["code-list", var list] when list.Trim() is { Length: > 0 } id => new QualityRule { CodeList = $"codeLists/{id}" },
            ["within", var limit] => Within(limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            _ => null,
        };
    }

    private static QualityRule? Within(string[] words)
    {
        if (words is not [var number, "hours" or "working-days", ..] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            || words.Length is not (2 or 4) || (words.Length is 4 && words[2] is not "of"))
        {
            return null;
        }

        var timeliness = new QualityTimeliness { AfterField = words.Length is 4 ? words[3] : "" };
        (timeliness.Hours, timeliness.WorkingDays) = words[1] is "hours" ? (limit, 0) : (0, limit);
        return new QualityRule { Timeliness = timeliness };
    }

    private static string Limit(QualityTimeliness limit) =>
        limit.WorkingDays > 0 ? string.Create(CultureInfo.InvariantCulture, $"{limit.WorkingDays} working-days") : string.Create(CultureInfo.InvariantCulture, $"{limit.Hours} hours");
}
