using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog search`.</summary>
internal static class SearchCommand
{
    private static readonly Argument<string> _words = new("words") { Description = "words in names, fields or the abstract; all entries when left out", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "" };
    private static readonly Option<string[]> _owners = Of("--owner", "department that keeps it");
    private static readonly Option<string[]> _categories = Of("--category", "category or one below it");
    private static readonly Option<string[]> _levels = Of("--level", "level of a field, 1 to 4");
    private static readonly Option<string[]> _sharing = Of("--sharing", "sharing class of a field: unconditional, conditional, not-shared");
    private static readonly Option<string[]> _opening = Of("--open", "open class of a field: unconditional, conditional, not-open");
    private static readonly Option<string[]> _cycles = Of("--cycle", "update cycle, e.g. daily");
    private static readonly Option<int> _size = new("--page-size") { Description = "entries on a page, at most 500; 50 when left out" };
    private static readonly Option<string?> _page = new("--page-token") { Description = "the next page, as the one before told it" };

    public static Command Create(GlobalOptions options) =>
        new Command("search", "Finds resources by words, Chinese and English, and by facets.").With(_words, _owners, _categories, _levels, _sharing, _opening, _cycles, _size, _page).Runs(options, RunAsync);

    private static Option<string[]> Of(string name, string description) => new(name) { Description = description + "; may be repeated" };

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new SearchCatalogRequest { Query = context.Value(_words), PageSize = context.Value(_size), PageToken = context.Value(_page) ?? "" };
        Add(Facet.Owner, _owners, owner => CommonOptions.Name("departments", owner));
        Add(Facet.Category, _categories, category => CommonOptions.Name("categories", category));
        Add(Facet.Level, _levels, level => level);
        Add(Facet.SharingClass, _sharing, Word);
        Add(Facet.OpenClass, _opening, Word);
        Add(Facet.UpdateCycle, _cycles, Word);
        var found = await context.Client.Catalog.SearchAsync(request, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(found);
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("resource", "name", "名称", "department", "category", "code", "updated", "fields", "quality", "fresh", "");
        foreach (var resource in found.Resources)
        {
            table.AddRow(new[]
            {
                CommonOptions.Last(resource.Name), resource.DisplayName, resource.DisplayNameZh, CommonOptions.Last(resource.Department), CommonOptions.Last(resource.Category), resource.Code,
                resource.UpdateCycle is UpdateCycle.Unspecified ? "" : $"{resource.UpdateCycle}", $"{resource.FieldCount}",
                QualityView.Score(resource.Score), Fresh(resource.Staleness), resource.State is ResourceState.Published ? "" : $"{resource.State}",
            }.Select(Markup.Escape).ToArray());
        }

        context.Output.People.Write(table);
        foreach (var facet in found.Facets.GroupBy(facet => facet.Facet))
        {
            context.Output.People.MarkupLineInterpolated($"[bold]{facet.Key,-14}[/] {string.Join("  ", facet.Take(8).Select(value => $"{CommonOptions.Last(value.Value)} ({value.Count})"))}");
        }

        context.Output.Note($"{found.TotalCount} found{(found.NextPageToken.Length > 0 ? $"; more with --page-token {found.NextPageToken}" : "")}");
        return ExitCode.Done;

        void Add(Facet facet, Option<string[]> option, Func<string, string> read) =>
            request.Facets.Add((context.Value(option) ?? []).Select(value => new FacetValue { Facet = facet, Value = read(value) }));
    }

    private static string Fresh(Staleness? staleness) => staleness?.State switch
    {
        StalenessState.UpToDate => "yes",
        StalenessState.Overdue => $"due {staleness.DueTime.ToDateTimeOffset():yyyy-MM-dd}",
        StalenessState.NotClocked => $"{staleness.LastChangeTime.ToDateTimeOffset():yyyy-MM-dd}",
        StalenessState.NothingYet => "empty",
        _ => "",
    };

    private static string Word(string word) => word.Replace('-', '_').ToUpperInvariant();
}
