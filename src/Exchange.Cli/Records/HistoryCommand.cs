using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Records;

/// <summary>`exchange history`.</summary>
internal static class HistoryCommand
{
    private static readonly Argument<string> _name = RecordName.Argument();
    private static readonly Option<string> _purpose = CommonOptions.Purpose();

    public static Command Create(GlobalOptions options) =>
        new Command("history", "Tells per field of a record who wrote it, when, and from where; newest first.").With(_name, _purpose).Runs(options, (context, cancellationToken) =>
            context.Output.TableAsync(
                context.Client.Records.GetHistoryAsync(RecordName.Read(context.Value(_name)), CommonOptions.ToPurpose(context.Value(_purpose)!), cancellationToken),
                ["when", "version", "field", "value", "department", "system", "warnings"],
                Row,
                cancellationToken));

    private static string[] Row(HistoryEntry entry) =>
    [
        $"{entry.RecordTime?.ToDateTimeOffset():u}", $"{entry.Version}", entry.Field,
        (entry.Value is null ? "" : ValueText.OfBoth(entry.Value)) + (entry.Masked ? "  (masked)" : "") + (entry.Proposed ? "  (proposed)" : ""),
        entry.Department, entry.SourceSystem, string.Join(' ', entry.Warnings),
    ];
}
