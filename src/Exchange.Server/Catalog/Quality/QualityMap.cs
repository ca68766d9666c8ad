using Exchange.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog.Quality;

/// <summary>Turns quality rules into messages and back, and scores and staleness into messages.</summary>
internal static class QualityMap
{
    /// <summary>A rule as a message.</summary>
    public static Proto.QualityRule ToProto(QualityRule rule) => rule switch
    {
        QualityRule.Required => new() { Required = true },
        QualityRule.Range range => new() { Range = new() { Min = range.Min, Max = range.Max } },
        QualityRule.Pattern pattern => new() { Pattern = pattern.Expression },
        QualityRule.Reference reference => new() { CodeList = CategoryMap.NameOf(reference.CodeList) },
        QualityRule.Timeliness limit => new() { Timeliness = new() { AfterField = limit.After, Hours = limit.Hours, WorkingDays = limit.WorkingDays } },
        _ => new(),
    };

    /// <summary>The message as a rule, unchecked.</summary>
    public static QualityRule ToDomain(Proto.QualityRule rule) => rule.RuleCase switch
    {
        Proto.QualityRule.RuleOneofCase.Required when rule.Required => new QualityRule.Required(),
        Proto.QualityRule.RuleOneofCase.Range => new QualityRule.Range(rule.Range.Min, rule.Range.Max),
        Proto.QualityRule.RuleOneofCase.Pattern => new QualityRule.Pattern(rule.Pattern),
        Proto.QualityRule.RuleOneofCase.CodeList => new QualityRule.Reference(CategoryMap.CodeListIn(rule.CodeList)),
        Proto.QualityRule.RuleOneofCase.Timeliness => new QualityRule.Timeliness(rule.Timeliness.AfterField, rule.Timeliness.Hours, rule.Timeliness.WorkingDays),
        _ => new QualityRule.Unspecified(),
    };

    /// <summary>Checks that were met, as a score; null when there were none.</summary>
    public static Proto.QualityScore? ToScore(long checks, long met, DateTimeOffset time) => checks is 0 ? null : new()
    {
        Percent = Math.Floor((decimal)met * 10_000 / checks) is var hundredths ? (double)(hundredths / 100) : 0,
        Checks = checks,
        MeasureTime = Timestamp.FromDateTimeOffset(time),
    };

    /// <summary>Scores of the rules of one field and owner, as a message.</summary>
    public static Proto.FieldScore ToProto(IReadOnlyCollection<CountedRule> rules, DateTimeOffset time) => new()
    {
        Field = rules.First().Rule.Field.Name,
        Owner = DepartmentMap.NameOf(new DepartmentId(rules.First().Owner)),
        Score = ToScore(rules, time),
        Rules =
        {
            rules.OrderBy(rule => rule.Rule.Index).Select(rule => new Proto.RuleScore { Rule = ToProto(rule.Rule.Rule), Score = ToScore(rule.Checks, rule.Met, time) }),
        },
    };

    /// <summary>All these together as a score; null when there are none.</summary>
    public static Proto.QualityScore? ToScore(IReadOnlyCollection<CountedRule> rules, DateTimeOffset time) =>
        ToScore(rules.Sum(rule => rule.Checks), rules.Sum(rule => rule.Met), time);

    /// <summary>Staleness as a message.</summary>
    public static Proto.Staleness ToProto(this Staleness staleness) => new()
    {
        State = (Proto.StalenessState)staleness.State,
        UpdateCycle = (Proto.UpdateCycle)staleness.UpdateCycle,
        LastChangeTime = Timestamps.Write(staleness.LastChange),
        DueTime = Timestamps.Write(staleness.DueTime),
    };
}
