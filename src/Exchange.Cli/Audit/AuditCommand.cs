using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Audit;

/// <summary>`exchange audit`.</summary>
internal static class AuditCommand
{
    private static readonly Option<string?> _department = new("--department") { Description = "only this department's reads" };
    private static readonly Option<int> _limit = new("--limit") { Description = "at most so many entries", DefaultValueFactory = _ => 50 };

    private static readonly Option<string?> _address = new("--address") { Description = "only what was refused to this address" };
    private static readonly Option<DateTimeOffset?> _since = new("--since") { Description = "only minutes from this time on, such as 2026-01-31T08:00:00Z" };

    public static Command Create(GlobalOptions options) =>
        new Command("audit", "Who read what, for which purpose; newest first. For auditors and the operator.").With(_department, _limit).With(Refused(options)).Runs(options, (context, cancellationToken) =>
            context.Output.TableAsync(
                context.Client.Audit.ListEntriesAsync(context.Value(_department) is { } department ? CommonOptions.Name("departments", department) : "", cancellationToken).Take(context.Value(_limit)),
                ["began", "department", "client", "action", "resource", "purpose", "fields", "rows", "outcome"],
                Row,
                cancellationToken));

    private static Command Refused(GlobalOptions options) =>
        new Command("refused", "What was refused to whom: bad tokens, wrong secrets, calls beyond a limit; counts by minute, newest first.").With(_address, _since, _limit).Runs(options, (context, cancellationToken) =>
            context.Output.TableAsync(
                context.Client.Audit.ListRefusedAsync(context.Value(_since), context.Value(_address) ?? "", cancellationToken).Take(context.Value(_limit)),
                ["minute", "address", "reason", "count"],
                refused => [$"{refused.StartTime?.ToDateTimeOffset():u}", refused.Address, refused.Reason, $"{refused.Count}"],
                cancellationToken));

    private static string[] Row(AuditEntry entry) =>
    [
        $"{entry.StartTime?.ToDateTimeOffset():u}", CommonOptions.Last(entry.Department), entry.Client, entry.ExplainedDepartment.Length > 0 ? $"{entry.Action} {CommonOptions.Last(entry.ExplainedDepartment)}" : entry.Action, CommonOptions.Last(entry.Resource), $"{(Purpose)entry.Purpose}",
        $"{entry.Fields.Count}{(entry.MaskedFields.Count > 0 ? $", {entry.MaskedFields.Count} masked" : "")}", $"{entry.Rows}",
        entry.Outcome.Length > 0 ? $"{entry.Outcome} {entry.Reason}".TrimEnd() : "running or cut off",
    ];
}
