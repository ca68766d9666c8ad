using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Audit;

/// <summary>`exchange audit`.</summary>
internal static class AuditCommand
{
    private static readonly Option<string?> _department = new("--department") { Description = "only this department's reads" };
    private static readonly Option<int> _limit = new("--limit") { Description = "at most so many entries", DefaultValueFactory = _ => 50 };

    public static Command Create(GlobalOptions options) =>
        new Command("audit", "Who read what, for which purpose; newest first. For auditors and the operator.").With(_department, _limit).Runs(options, (context, cancellationToken) =>
            context.Output.TableAsync(
                context.Client.Audit.ListEntriesAsync(context.Value(_department) is { } department ? CommonOptions.Name("departments", department) : "", cancellationToken).Take(context.Value(_limit)),
                ["began", "department", "client", "action", "resource", "purpose", "fields", "rows", "outcome"],
                Row,
                cancellationToken));

    private static string[] Row(AuditEntry entry) =>
    [
        $"{entry.StartTime?.ToDateTimeOffset():u}", Last(entry.Department), entry.Client, entry.ExplainedDepartment.Length > 0 ? $"{entry.Action} {Last(entry.ExplainedDepartment)}" : entry.Action, Last(entry.Resource), $"{(Purpose)entry.Purpose}",
        $"{entry.Fields.Count}{(entry.MaskedFields.Count > 0 ? $", {entry.MaskedFields.Count} masked" : "")}", $"{entry.Rows}",
        entry.Outcome.Length > 0 ? $"{entry.Outcome} {entry.Reason}".TrimEnd() : "running or cut off",
    ];

    private static string Last(string name) => name[(name.LastIndexOf('/') + 1)..];
}
