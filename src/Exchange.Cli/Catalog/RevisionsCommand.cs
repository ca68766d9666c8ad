using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog revisions` and `exchange catalog compare`.</summary>
internal static class RevisionsCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Option<int> _from = new("--from") { Description = "revision to begin with; the one before --to when left out" };
    private static readonly Option<int> _to = new("--to") { Description = "revision to end with; the newest when left out" };

    public static Command Create(GlobalOptions options) =>
        new Command("revisions", "Lists the published revisions of a resource, newest first.").With(_resource).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Catalog.ListRevisionsAsync(CommonOptions.Name("resources", context.Value(_resource)), cancellationToken),
            ["revision", "published", "name", "名称", "fields"],
            revision => [$"{revision.Revision}", $"{revision.PublishTime?.ToDateTimeOffset():u}", revision.DisplayName, revision.DisplayNameZh, $"{revision.Fields.Count}"],
            cancellationToken));

    public static Command CreateCompare(GlobalOptions options) =>
        new Command("compare", "Tells what is different between two revisions of a resource, field by field.").With(_resource, _from, _to).Runs(options, CompareAsync);

    /// <summary>Differences as a table.</summary>
    internal static Table TableOf(IEnumerable<ResourceDifference> differences)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("what", "was", "becomes");
        foreach (var difference in differences)
        {
            table.AddRow(Markup.Escape(difference.Path), Markup.Escape(difference.Before), Markup.Escape(difference.After));
        }

        return table;
    }

    private static async Task<int> CompareAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var compared = await context.Client.Catalog.CompareRevisionsAsync(
            CommonOptions.Name("resources", context.Value(_resource)), context.Value(_from), context.Value(_to), cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(compared);
            return ExitCode.Done;
        }

        context.Output.Note($"revision {compared.FromRevision} to {compared.ToRevision}: {compared.Differences.Count} differences");
        context.Output.People.Write(TableOf(compared.Differences));
        return ExitCode.Done;
    }
}
