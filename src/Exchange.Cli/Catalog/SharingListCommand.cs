using System.CommandLine;
using System.Text;
using Exchange.Cli.Inbox;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange sharing-list`.</summary>
internal static class SharingListCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "CSV file with a heading; columns in any order, in Chinese or English" }.AcceptExistingOnly();
    private static readonly Option<string?> _only = new("--resource") { Description = "only this resource" };
    private static readonly Option<string?> _output = new("--output", "-o") { Description = "file to write, with a byte order mark so that spreadsheets read it; standard output when left out" };
    private static readonly Option<string> _language = new Option<string>("--language") { Description = "zh or en", DefaultValueFactory = _ => "zh" }.AcceptOnlyFromAmong("zh", "en");
    private static readonly Option<string> _encoding = new Option<string>("--encoding") { Description = "how the file is written: utf-8 or gb18030 (GBK, GB 2312)", DefaultValueFactory = _ => "utf-8" }.AcceptOnlyFromAmong("utf-8", "gb18030");
    private static readonly Option<string?> _apply = new("--apply") { Description = "put the sheet on the lists: with the etag that the difference was shown with, or nothing is done" };

    public static Command Create(GlobalOptions options) => new Command("sharing-list", "A department's fields with their level, classes, conditions and basis (共享清单).").With(
        new Command("show", "Shows a department's sharing list for a resource.").With(_department, _resource).Runs(options, ShowAsync),
        new Command("export", "Writes a department's lists as a sheet (CSV).").With(_department, _only, _language, _output).Runs(options, ExportAsync),
        new Command("import", "Shows what a sheet changes of one's department's lists, and with --apply ETAG changes them: all of it or nothing.").With(_department, _file, _encoding, _apply).Runs(options, ImportAsync));

    private static async Task<int> ShowAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var resource = CommonOptions.Name("resources", context.Value(_resource));
        var list = await context.Client.Catalog.GetSharingListAsync(
            $"{CommonOptions.Name("departments", context.Value(_department))}/sharingLists/{CommonOptions.Last(resource)}", cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(list);
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("field", "level", "sharing", "condition or basis", "open", "condition or basis", "updated", "mask", "");
        foreach (var entry in list.Entries)
        {
            table.AddRow(
                entry.Field, $"{(int)entry.Level}", entry.SharingClass.ToString(), Markup.Escape(Because(entry.Condition, entry.Basis)), entry.OpenClass.ToString(),
                Markup.Escape(Because(entry.OpenCondition, entry.OpenBasis)), entry.UpdateCycle is UpdateCycle.Unspecified ? "" : entry.UpdateCycle.ToString(),
                CatalogCommand.Mask(entry.Mask),
                entry.Inherited ? "the resource's" : "");
        }

        context.Output.People.Write(table);
        return ExitCode.Done;
    }

    private static async Task<int> ExportAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var exported = await context.Client.Catalog.ExportSharingListsAsync(
            CommonOptions.Name("departments", context.Value(_department)),
            context.Value(_only) is { } only ? CommonOptions.Name("resources", only) : "",
            context.Value(_language) is "en" ? SheetLanguage.En : SheetLanguage.Zh,
            cancellationToken);
        if (context.Value(_output) is { } path)
        {
            await File.WriteAllTextAsync(path, exported.Csv, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), cancellationToken);
            context.Output.Summary(new { file = path, rows = exported.RowCount }, $"{exported.RowCount} rows written to {path}", rowsOnOutput: false);
        }
        else if (context.Output.IsJson)
        {
            context.Output.Json(exported);
        }
        else
        {
            await Console.Out.WriteAsync(exported.Csv.AsMemory(), cancellationToken);
        }

        return ExitCode.Done;
    }

    private static async Task<int> ImportAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var department = CommonOptions.Name("departments", context.Value(_department));
        var csv = await ReadAsync(context.Value(_file).FullName, context.Value(_encoding)!, cancellationToken);
        var etag = context.Value(_apply);
        var answer = await context.Client.Catalog.ImportSharingListsAsync(department, csv, validateOnly: etag is null, etag ?? "", cancellationToken);

        if (context.Output.IsJson)
        {
            context.Output.Json(answer);
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("resource", "field", "what", "was", "becomes");
        foreach (var difference in answer.Differences)
        {
            table.AddRow(new[] { CommonOptions.Last(difference.Resource), difference.Field, difference.Part, difference.Before, difference.After }.Select(Markup.Escape).ToArray());
        }

        context.Output.People.Write(table);
        if (context.Output.NoteWaiting(answer.PendingChange))
        {
            return ExitCode.Done;
        }

        context.Output.Note(answer.DifferenceCount is 0 ? "the sheet says what holds already"
            : answer.Applied ? $"{answer.DifferenceCount} changes made" : $"{answer.DifferenceCount} changes; --apply {answer.Etag} makes them");
        return ExitCode.Done;
    }

    private static async Task<string> ReadAsync(string path, string encoding, CancellationToken cancellationToken)
    {
        if (encoding is not "utf-8")
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        }

        var strict = Encoding.GetEncoding(encoding, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        try
        {
            return await File.ReadAllTextAsync(path, strict, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException($"`{Path.GetFileName(path)}` is not written in {encoding}: give --encoding {(encoding is "utf-8" ? "gb18030" : "utf-8")}");
        }
    }

    private static string Because(string condition, Basis? basis) =>
        string.Join("; ", new[] { condition, basis is null ? "" : $"{basis.Kind}: {basis.Text}" }.Where(text => text.Length > 0));
}
