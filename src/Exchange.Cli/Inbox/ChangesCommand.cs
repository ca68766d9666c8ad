using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Inbox;

/// <summary>`exchange changes`.</summary>
internal static class ChangesCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Argument<string> _change = new("change") { Description = "change, as `exchange changes list` names it" };
    private static readonly Option<string?> _maybeReason = new("--reason") { Description = "why" };
    private static readonly Option<string> _reason = new("--reason") { Description = "why", Required = true };

    public static Command Create(GlobalOptions options) => new Command("changes", "What waits for a second steward, or operator: grants, sharing lists and policy rows on fields of level 3 and 4.").With(
        new Command("list", "Lists what waits, oldest first.").With(_department).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.PendingChanges.ListAsync(CommonOptions.Name("departments", context.Value(_department)), cancellationToken),
            ["change", "since", "asked for by", "what", "fields"],
            Row,
            cancellationToken)),
        new Command("approve", "Approves a change, which is done by that; who asked for it cannot.").With(_change, _maybeReason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.PendingChanges.ApproveAsync(context.Value(_change), context.Value(_maybeReason) ?? "", cancellationToken), "approved and done")),
        new Command("reject", "Rejects a change, or takes one's own back.").With(_change, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.PendingChanges.RejectAsync(context.Value(_change), context.Value(_reason)!, cancellationToken), "rejected")));

    /// <summary>Says how to go on when a change waits; false when it does not.</summary>
    public static bool NoteWaiting(this Output output, string pendingChange, string second = "steward")
    {
        if (pendingChange.Length > 0)
        {
            output.Note($"nothing changed yet: fields of level 3 or 4 need a second {second}, who runs `exchange changes approve {pendingChange}`");
        }

        return pendingChange.Length > 0;
    }

    private static int Show(Output output, PendingChange change, string what)
    {
        if (output.IsJson)
        {
            output.Json(change);
        }
        else
        {
            output.Note($"{what}: {string.Join("; ", change.Parts.Select(Sentence))}");
        }

        return ExitCode.Done;
    }

    private static string[] Row(PendingChange change) =>
    [
        change.Name, $"{change.CreateTime.ToDateTimeOffset():u}", change.Author, string.Join("; ", change.Parts.Select(Sentence)),
        string.Join(' ', change.Fields.Select(CommonOptions.Last)),
    ];

    private static string Sentence(ChangePart part) => part.ThingCase switch
    {
        ChangePart.ThingOneofCase.Grant => $"grant of {string.Join(' ', part.Grant.Fields)} of {CommonOptions.Last(part.Grant.Resource)} to {CommonOptions.Last(part.Grant.Reader)} until {part.Grant.ExpireTime.ToDateTimeOffset():u}",
        ChangePart.ThingOneofCase.SharingList => $"sharing list {part.SharingList.Name}",
        ChangePart.ThingOneofCase.PolicyRow => $"policy row {part.PolicyRow.Name}",
        ChangePart.ThingOneofCase.RemovedPolicyRow => $"no policy row {part.RemovedPolicyRow} any more",
        ChangePart.ThingOneofCase.AccessRequest => $"approval of {part.AccessRequest}",
        _ => "",
    };
}
