using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Catalog;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Catalog;

/// <summary>`exchange catalog drafts`.</summary>
internal static class DraftsCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "catalog file whose resources are saved as drafts (samples/city/README.md)" }.AcceptExistingOnly();
    private static readonly Option<string> _etag = new("--etag") { Description = "etag of the draft that was read, as `drafts show` tells it: nothing else is approved", Required = true };
    private static readonly Option<string?> _onlyEtag = new("--etag") { Description = "only if the draft still has this etag" };
    private static readonly Option<bool> _replace = new("--replace") { Description = "also a draft that waits for its review, which then begins anew" };
    private static readonly Option<string> _reason = new("--reason") { Description = "why; kept in the log", Required = true };

    public static Command Create(GlobalOptions options) => new Command("drafts", "What a resource or its next revision shall be: written, submitted, reviewed by somebody else.").With(
        new Command("list", "Lists the open drafts you may see.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Drafts.ListAsync(ResourceState.Unspecified, cancellationToken),
            ["draft", "department", "state", "author", "submitted", "etag", "rejected because"],
            draft =>
            [
                draft.Name, CommonOptions.Last(draft.Resource.Department), $"{draft.State}", draft.Author, $"{draft.SubmitTime?.ToDateTimeOffset():u}", draft.Etag, draft.RejectReason,
            ],
            cancellationToken)),
        new Command("show", "Shows a draft: what it changes, and what speaks against publishing it.").With(_resource).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.GetAsync(NameOf(context), cancellationToken))),
        new Command("save", "Saves the resources of a catalog file as drafts.").With(_file, _replace).Runs(options, SaveAsync),
        new Command("submit", "Submits a draft for review.").With(_resource, _onlyEtag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.SubmitAsync(NameOf(context), context.Value(_onlyEtag) ?? "", cancellationToken))),
        new Command("approve", "Publishes a draft as it was read.").With(_resource, _etag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.ReviewAsync(NameOf(context), context.Value(_etag)!, ReviewVerdict.Approve, "", cancellationToken))),
        new Command("reject", "Sends a draft back to its author.").With(_resource, _etag, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.ReviewAsync(NameOf(context), context.Value(_etag)!, ReviewVerdict.Reject, context.Value(_reason)!, cancellationToken))),
        new Command("delete", "Gives a draft up; what is published stays.").With(_resource, _onlyEtag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Drafts.DeleteAsync(NameOf(context), context.Value(_onlyEtag) ?? "", cancellationToken))));

    private static string NameOf(CommandContext context) => $"{CommonOptions.Name("resources", context.Value(_resource))}/draft";

    private static async Task<int> SaveAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var file = await CatalogFile.ReadAsync(context.Value(_file).FullName, cancellationToken);
        if (file.Resources.Count is 0)
        {
            throw new UsageException($"`{file.Name}` holds no resources");
        }

        var waiting = new HashSet<string>(StringComparer.Ordinal);
        if (!context.Value(_replace))
        {
            await foreach (var draft in context.Client.Drafts.ListAsync(ResourceState.PublishReview, cancellationToken))
            {
                waiting.Add(draft.Resource.Name);
            }
        }

        if (file.Resources.FirstOrDefault(resource => waiting.Contains(resource.Name)) is { } under)
        {
            throw new UsageException($"the draft of {under.Name} waits for its review; give --replace to begin anew");
        }

        foreach (var resource in file.Resources)
        {
            Show(context.Output, await context.Client.Drafts.SaveAsync(resource, "", cancellationToken));
        }

        return ExitCode.Done;
    }

    private static int Show(Output output, ResourceDraft draft)
    {
        if (output.IsJson)
        {
            output.Json(draft);
            return ExitCode.Done;
        }

        output.People.WriteLine($"{draft.Name} is in {draft.State} (etag {draft.Etag}), by {draft.Author}");
        if (draft.RejectReason.Length > 0)
        {
            output.People.WriteLine($"rejected: {draft.RejectReason}");
        }

        if (draft.Differences.Count > 0)
        {
            output.People.Write(RevisionsCommand.TableOf(draft.Differences));
        }

        foreach (var violation in draft.Violations)
        {
            output.People.WriteLine($"cannot be published: {violation.Field} {violation.Reason}: {violation.Message}");
        }

        return ExitCode.Done;
    }
}
