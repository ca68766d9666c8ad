using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog revocations`.</summary>
internal static class RevocationsCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Option<string> _etag = new("--etag") { Description = "etag of the revocation that was read, as `revocations list` tells it", Required = true };
    private static readonly Option<string> _reason = new("--reason") { Description = "why; kept in the log", Required = true };

    public static Command Create(GlobalOptions options) => new Command("revocations", "Takes published resources out of the catalog: asked by one, decided by another.").With(
        new Command("list", "Lists revocations that wait or were rejected.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Drafts.ListRevocationsAsync(cancellationToken),
            ["revocation", "asked by", "when", "because", "etag", "rejected because"],
            revocation => [revocation.Name, revocation.Requester, $"{revocation.RequestTime?.ToDateTimeOffset():u}", revocation.Reason, revocation.Etag, revocation.RejectReason],
            cancellationToken)),
        new Command("request", "Asks that a resource be revoked.").With(_resource, _reason).Runs(options, RequestAsync),
        new Command("approve", "Revokes a resource as asked: nobody pushes or reads it any more, open streams end within a second.").With(_resource, _etag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.ReviewRevocationAsync(NameOf(context), context.Value(_etag)!, ReviewVerdict.Approve, "", cancellationToken))),
        new Command("reject", "Leaves a resource published.").With(_resource, _etag, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.ReviewRevocationAsync(NameOf(context), context.Value(_etag)!, ReviewVerdict.Reject, context.Value(_reason)!, cancellationToken))));

    private static string NameOf(CommandContext context) => CommonOptions.Name("resources", context.Value(_resource));

    private static async Task<int> RequestAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var revocation = await context.Client.Drafts.RequestRevocationAsync(NameOf(context), context.Value(_reason)!, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(revocation);
        }
        else
        {
            context.Output.People.WriteLine($"{revocation.Name} waits for its review (etag {revocation.Etag})");
        }

        return ExitCode.Done;
    }

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
