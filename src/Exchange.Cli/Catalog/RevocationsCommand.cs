using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog revocations`.</summary>
internal static class RevocationsCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Option<string> _reason = new("--reason") { Description = "why; kept in the log", Required = true };

    public static Command Create(GlobalOptions options) => new Command("revocations", "Takes published resources out of the catalog: asked by one, decided by another.").With(
        new Command("request", "Asks that a resource be revoked.").With(_resource, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.RequestRevocationAsync(NameOf(context), context.Value(_reason)!, cancellationToken))),
        new Command("approve", "Revokes a resource as asked: nobody pushes or reads it any more, open streams end within a second.").With(_resource).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.ReviewRevocationAsync(NameOf(context), ReviewVerdict.Approve, "", cancellationToken))),
        new Command("reject", "Leaves a resource published.").With(_resource, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.ReviewRevocationAsync(NameOf(context), ReviewVerdict.Reject, context.Value(_reason)!, cancellationToken))));

    private static string NameOf(CommandContext context) => CommonOptions.Name("resources", context.Value(_resource));

    private static int Show(Output output, Resource resource)
    {
        if (output.IsJson)
        {
            output.Json(resource);
        }
        else
        {
            output.People.WriteLine($"{resource.Name} is in {resource.State}");
        }

        return ExitCode.Done;
    }
}
