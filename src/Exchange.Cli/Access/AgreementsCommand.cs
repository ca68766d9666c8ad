using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Access;

/// <summary>`exchange agreements`.</summary>
internal static class AgreementsCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. hotline" };
    private static readonly Argument<string> _agreement = new("agreement") { Description = "agreement, as `agreements list` names it" };
    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "JSON of an agreement: name, title, text, terms (samples/city/agreement.json)" }.AcceptExistingOnly();
    private static readonly Option<int> _version = new("--version-number") { Description = "that version; the current one when left out" };

    public static Command Create(GlobalOptions options) => new Command("agreements", "Versioned texts that grants are bound to (共享协议).").With(
        new Command("list", "Lists a department's agreements.").With(_department).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Access.ListAgreementsAsync(CommonOptions.Name("departments", context.Value(_department)), cancellationToken),
            ["agreement", "version", "title", "terms", "published"],
            agreement => [agreement.Name, $"{agreement.Version}", agreement.Title, $"{agreement.Terms.Count}", $"{agreement.PublishTime?.ToDateTimeOffset():u}"],
            cancellationToken)),
        new Command("show", "Shows an agreement: its text and what follows from it.").With(_agreement, _version).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.GetAgreementAsync(context.Value(_agreement), context.Value(_version), cancellationToken))),
        new Command("publish", "Publishes an agreement or its next version.").With(_file).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.PublishAgreementAsync(await JsonFile.ReadAsync<Agreement>(context.Value(_file), cancellationToken), cancellationToken))));

    private static int Show(Output output, Agreement agreement)
    {
        if (output.IsJson)
        {
            output.Json(agreement);
            return ExitCode.Done;
        }

        output.People.WriteLine($"{agreement.Name} version {agreement.Version}: {agreement.Title}");
        output.People.WriteLine(agreement.Text);
        var table = new Table().Border(TableBorder.Simple).AddColumns("kind", "whose", "about", "within working days", "text");
        foreach (var term in agreement.Terms)
        {
            table.AddRow($"{term.Kind}", $"{term.Party}", $"{term.Duty}", term.WithinDays is 0 ? "" : $"{term.WithinDays}", Markup.Escape(term.Text));
        }

        output.People.Write(table);
        return ExitCode.Done;
    }
}
