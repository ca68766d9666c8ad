using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Catalog;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog`.</summary>
internal static class CatalogCommand
{
    private static readonly Argument<FileInfo[]> _files = new Argument<FileInfo[]>("files") { Description = "catalog files (samples/city/README.md)", Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Argument<string> _codeList = new("code-list") { Description = "code list, e.g. order-status" };

    public static Command Create(GlobalOptions options) => new Command("catalog", "The catalog window: what there is, who owns it, how it is shared.").With(
        new Command("publish", "Publishes departments, categories, code lists and resources (operator) and sharing lists (their departments' stewards) from files; the same again changes nothing.").With(_files).Runs(options, PublishAsync),
        new Command("list", "Lists resources.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Catalog.ListResourcesAsync(cancellationToken),
            ["resource", "name", "名称", "department", "fields", "revision"],
            r => [CommonOptions.Last(r.Name), r.DisplayName, r.DisplayNameZh, CommonOptions.Last(r.Department), $"{r.Fields.Count}", $"{r.Revision}"],
            cancellationToken)),
        new Command("show", "Shows a resource with its fields, owners, levels and classes, how well its records meet the quality rules and how fresh they are.").With(_resource).Runs(options, ShowAsync),
        SearchCommand.Create(options),
        RevisionsCommand.Create(options),
        RevisionsCommand.CreateCompare(options),
        DraftsCommand.Create(options),
        RevocationsCommand.Create(options),
        new Command("categories", "Lists categories.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Catalog.ListCategoriesAsync(cancellationToken),
            ["category", "name", "名称", "parent"],
            c => [CommonOptions.Last(c.Name), c.DisplayName, c.DisplayNameZh, CommonOptions.Last(c.Parent)],
            cancellationToken)),
        LoadCategoriesCommand.Create(options),
        LoadMappingsCommand.Create(options),
        new Command("codes", "Shows a code list and what codes of sources mean in it.").With(_codeList).Runs(options, CodesAsync));

    private static async Task<int> PublishAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var files = new List<CatalogFile>();
        foreach (var file in context.Value(_files))
        {
            files.Add(await CatalogFile.ReadAsync(file.FullName, cancellationToken));
        }

        await CatalogPublisher.PublishAsync(context.Client, _ => Task.FromResult(context.Client), files, item => Report(context.Output, item), cancellationToken);
        return ExitCode.Done;
    }

    private static void Report(Output output, PublishedItem item)
    {
        var outcome = item.Outcome switch
        {
            PublishOutcome.Published => "published",
            PublishOutcome.Unchanged => "unchanged",
            PublishOutcome.Waits => $"waits for a second steward: exchange changes approve {item.PendingChange}",
            _ => "there, and different: kept as it is",
        };
        if (output.IsJson)
        {
            output.Json(new { kind = item.Kind, name = item.Name, outcome });
        }
        else
        {
            output.People.MarkupLineInterpolated($"{item.Kind,-14} {item.Name,-60} [{(item.Outcome is PublishOutcome.KeptOther or PublishOutcome.Waits ? "yellow" : "green")}]{outcome}[/]");
        }
    }

    private static async Task<int> ShowAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var resource = await context.Client.Catalog.GetResourceAsync(CommonOptions.Name("resources", context.Value(_resource)), cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(resource);
            return ExitCode.Done;
        }

        context.Output.People.MarkupLineInterpolated($"[bold]{resource.DisplayName}[/] {resource.DisplayNameZh} ({resource.Name}), revision {resource.Revision}");
        context.Output.People.MarkupLineInterpolated($"{resource.Abstract}");
        foreach (var (what, text) in Description(resource).Where(line => line.Text.Length > 0))
        {
            context.Output.People.MarkupLineInterpolated($"  {what,-16} {text}");
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("no", "field", "名称", "type", "owner", "level", "sharing", "open", "mask", "");
        foreach (var field in resource.Fields)
        {
            table.AddRow(
                $"{field.Number}", field.Name, field.DisplayNameZh, field.Type.ToString(), Owner(field.Owner), $"{(int)field.Level}", field.SharingClass.ToString(),
                field.OpenClass.ToString(), Mask(field.DefaultMask), (field.Searchable ? "searchable " : "") + (field.Indexed ? "indexed " : "") + (field.Required ? "required " : "") + (field.Retired ? "retired" : ""));
        }

        context.Output.People.Write(table);
        QualityView.Write(context.Output, resource);
        return ExitCode.Done;
    }

    private static async Task<int> CodesAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var list = await context.Client.Catalog.GetCodeListAsync(CommonOptions.Name("codeLists", context.Value(_codeList)), cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(list);
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("code", "name", "名称", "");
        foreach (var code in list.Codes)
        {
            table.AddRow(Markup.Escape(code.Code_), Markup.Escape(code.DisplayName), Markup.Escape(code.DisplayNameZh), code.Retired ? "retired" : "");
        }

        context.Output.People.Write(table);
        if (list.Mappings.Count > 0)
        {
            var mappings = new Table().Border(TableBorder.Simple).AddColumns("code system", "source's code", "code");
            foreach (var mapping in list.Mappings)
            {
                mappings.AddRow(Markup.Escape(mapping.CodeSystem), Markup.Escape(mapping.SourceCode), Markup.Escape(mapping.Code));
            }

            context.Output.People.Write(mappings);
        }

        return ExitCode.Done;
    }

    private static IEnumerable<(string What, string Text)> Description(Resource resource) =>
    [
        ("state", resource.State.ToString()),
        ("code", resource.Code),
        ("category", CommonOptions.Last(resource.Category)),
        ("provider", $"{CommonOptions.Last(resource.Department)} {resource.ProviderCode}".TrimEnd()),
        ("format", resource.Format is ResourceFormat.Unspecified ? "" : resource.Format.ToString()),
        ("shared by", resource.SharingMode is SharingMode.Unspecified ? "" : $"{resource.SharingMode} {string.Join(' ', resource.PlatformModes)}".TrimEnd()),
        ("updated", resource.UpdateCycle is UpdateCycle.Unspecified ? "" : resource.UpdateCycle.ToString()),
        ("published", $"{resource.PublishTime?.ToDateTimeOffset():u}"),
        ("from system", resource.SourceSystem),
        ("covers", resource.Coverage),
        ("ask", resource.Contact),
        ("related", string.Join(' ', resource.RelatedCodes)),
    ];

    private static string Owner(OwnerRule? owner) => owner?.RuleCase switch
    {
        OwnerRule.RuleOneofCase.Department => CommonOptions.Last(owner.Department),
        OwnerRule.RuleOneofCase.DepartmentField => $"whom {owner.DepartmentField} names",
        _ => "whoever opened it",
    };

    internal static string Mask(Mask? mask) => mask is null or { Kind: MaskKind.Unspecified } ? "" : mask.Parameter == 0 ? mask.Kind.ToString() : $"{mask.Kind} {mask.Parameter}";
}
