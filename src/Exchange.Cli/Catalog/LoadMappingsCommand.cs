using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Catalog;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog load-mappings`.</summary>
internal static class LoadMappingsCommand
{
    private static readonly Argument<string> _codeList = new("code-list") { Description = "code list, e.g. order-status" };
    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "CSV or JSON file with columns code_system, source_code and code; .gz too" }.AcceptExistingOnly();
    private static readonly Option<string?> _system = new("--code-system") { Description = "code system of all rows, e.g. hotline-2019; then the file needs no such column" };

    public static Command Create(GlobalOptions options) =>
        new Command("load-mappings", "Loads what codes of sources mean in a code list; code systems that the file has no row of keep their mappings.").With(_codeList, _file, _system).Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var loaded = await CodeMappings.ReadAsync(context.Value(_file).FullName, context.Value(_system), cancellationToken);
        var list = await context.Client.Catalog.GetCodeListAsync(CommonOptions.Name("codeLists", context.Value(_codeList)), cancellationToken);
        var (version, merged) = (list.Version, CodeMappings.Merge(list.Mappings, loaded));
        list.Mappings.Clear();
        list.Mappings.Add(merged);
        var published = await context.Client.Catalog.PublishCodeListAsync(list, cancellationToken);
        context.Output.Summary(
            new { rows = loaded.Count, mappings = published.Mappings.Count, version = published.Version, changed = published.Version != version },
            $"{loaded.Count} rows read, {published.Name} maps {published.Mappings.Count} codes of sources in version {published.Version}{(published.Version == version ? ", as before" : "")}",
            rowsOnOutput: false);
        return ExitCode.Done;
    }
}
