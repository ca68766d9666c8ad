using System.Globalization;
using Exchange.Cli.Terminal;
using Exchange.Clients.Catalog;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>Scores and staleness for people.</summary>
internal static class QualityView
{
    /// <summary>The quality of one resource: a line for each rule and owner, and one for each department that sends changes.</summary>
    public static void Write(Output output, Resource resource)
    {
        if (resource.Fields.Any(field => field.QualityRules.Count > 0))
        {
            Write(output, resource, resource.Quality);
        }

        if (resource.Quality is { } quality)
        {
            output.People.MarkupLineInterpolated($"[bold]Freshness[/] {Freshness(quality.Staleness)}");
            foreach (var department in quality.Departments)
            {
                output.People.MarkupLineInterpolated($"  {CommonOptions.Last(department.Department),-16} {Freshness(department.Staleness)}");
            }
        }
    }

    /// <summary>A score in a few words; empty when there is none.</summary>
    public static string Score(QualityScore? score) => score is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{score.Percent:0.##} %");

    /// <summary>Freshness in a few words; empty when it is not told.</summary>
    public static string Freshness(Staleness? staleness) => staleness?.State switch
    {
        StalenessState.NothingYet => "nothing yet",
        StalenessState.NotClocked => $"changed {Day(staleness)}",
        StalenessState.UpToDate => $"up to date, changed {Day(staleness)}",
        StalenessState.Overdue => $"overdue since {staleness.DueTime.ToDateTimeOffset():u}, changed {Day(staleness)}",
        _ => "",
    };

    private static string Day(Staleness staleness) => $"{staleness.LastChangeTime.ToDateTimeOffset():u}";

    private static void Write(Output output, Resource resource, ResourceQuality? quality)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("field", "rule", "owner", "score", "checks");
        foreach (var field in resource.Fields)
        {
            foreach (var rule in field.QualityRules)
            {
                var scores = (quality?.Fields ?? []).Where(score => score.Field == field.Name).SelectMany(score => score.Rules.Where(one => one.Rule.Equals(rule)).Select(one => (score.Owner, one.Score))).ToList();
                foreach (var (owner, score) in scores.DefaultIfEmpty())
                {
                    table.AddRow(field.Name, Markup.Escape(QualityRuleText.Write(rule)), CommonOptions.Last(owner ?? ""), Score(score), $"{score?.Checks}");
                }
            }
        }

        var told = quality switch
        {
            { Score: { } score } => $"{Score(score)} of {score.Checks} checks, measured {score.MeasureTime.ToDateTimeOffset():u}",
            { Measuring: true } => "is being measured: ask again",
            _ => "no score that you may see",
        };
        output.People.MarkupLineInterpolated($"[bold]Quality[/] {told}");
        output.People.Write(table);
    }
}
