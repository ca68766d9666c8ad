using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Catalog;
using Exchange.Protos.V1;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog load-categories`.</summary>
internal static class LoadCategoriesCommand
{
    private const int CategoriesPerCall = 2_000;

    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "CSV or JSON file of names, one row a path; .gz too" }.AcceptExistingOnly();
    private static readonly Option<string> _root = new("--root") { Description = "code of the tree's top, e.g. petition; codes below are petition.01, petition.01.01, …", Required = true };
    private static readonly Option<string> _name = new("--name") { Description = "English name of the top", Required = true };
    private static readonly Option<string?> _nameZh = new("--name-zh") { Description = "Chinese name of the top" };
    private static readonly Option<string[]> _columns = CommonOptions.List("--columns", "columns of the file, top level first, parted by commas", isRequired: true);

    public static Command Create(GlobalOptions options) =>
        new Command("load-categories", "Loads a table of names as one tree of categories; paths that are there keep their codes.").With(_file, _root, _name, _nameZh, _columns).Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var root = new Category
        {
            Name = CommonOptions.Name("categories", context.Value(_root)!), DisplayName = context.Value(_name)!, DisplayNameZh = context.Value(_nameZh) ?? "",
        };
        var paths = await CategoryTree.ReadAsync(context.Value(_file).FullName, context.Value(_columns) ?? [], cancellationToken);
        var existing = new List<Category>();
        await foreach (var category in context.Client.Catalog.ListCategoriesAsync(cancellationToken))
        {
            existing.Add(category);
        }

        var changed = 0;
        foreach (var part in CategoryTree.Plan(root, existing, paths).Chunk(CategoriesPerCall))
        {
            changed += await context.Client.Catalog.DefineCategoriesAsync(part, cancellationToken);
        }

        context.Output.Summary(new { rows = paths.Count, changed }, $"{paths.Count} paths read, {changed} categories added or changed under {root.Name}", rowsOnOutput: false);
        return ExitCode.Done;
    }
}
