using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Cli.Audit;

/// <summary>`exchange audit`.</summary>
internal static class AuditCommand
{
    private static readonly string[] _actions = ["pull", "follow", "get", "history", "plan", "explain", "refused"];

    private static readonly Option<string?> _department = new("--department") { Description = "only this department's reads" };
    private static readonly Option<string?> _owner = new("--owner") { Description = "only reads of fields that this department owned: who read my fields" };
    private static readonly Option<string?> _resource = new("--resource") { Description = "only reads of this resource" };
    private static readonly Option<string?> _field = new("--field") { Description = "only reads of this field of the resource" };
    private static readonly Option<string?> _client = new("--by") { Description = "only this client's reads; users/NAME for a person" };
    private static readonly Option<string?> _purpose = CommonOptions.OnlyPurpose();
    private static readonly Option<DateTimeOffset?> _from = new("--since") { Description = "only reads that began at this time or later, such as 2026-01-31T08:00:00Z" };
    private static readonly Option<DateTimeOffset?> _until = new("--until") { Description = "only reads that began before this time" };
    private static readonly Option<string?> _action = new Option<string?>("--action") { Description = "only this action: " + string.Join(", ", _actions) }.AcceptOnlyFromAmong(_actions);
    private static readonly Option<string?> _outcome = new("--outcome") { Description = "only reads that ended so, such as OK or PERMISSION_DENIED" };
    private static readonly Option<bool> _unfinished = new("--unfinished") { Description = "only reads without an outcome: they still run, or their node died" };
    private static readonly Option<int> _limit = new("--limit") { Description = "at most so many entries", DefaultValueFactory = _ => 50 };

    private static readonly Option<string?> _address = new("--address") { Description = "only what was refused to this address" };
    private static readonly Option<DateTimeOffset?> _since = new("--since") { Description = "only minutes from this time on, such as 2026-01-31T08:00:00Z" };

    private static readonly Option[] _filters = [_department, _owner, _resource, _field, _client, _purpose, _from, _until, _action, _outcome, _unfinished, _limit];

    public static Command Create(GlobalOptions options) =>
        new Command("audit", "Who read what, for which purpose; newest first. For auditors and the operator; for stewards what their department read and, with --owner, who read its fields.")
            .With(_filters).With(List(options), Refused(options)).Runs(options, ListAsync);

    private static Command List(GlobalOptions options) => new Command("list", "As `audit` alone: who read what, newest first.").With(_filters).Runs(options, ListAsync);

    private static Task<int> ListAsync(CommandContext context, CancellationToken cancellationToken) => context.Output.TableAsync(
        context.Client.Audit.ListEntriesAsync(Read(context), cancellationToken).Take(context.Value(_limit)),
        ["began", "department", "client", "action", "resource", "purpose", "fields", "rows", "outcome"],
        Row,
        cancellationToken);

    private static ListAuditEntriesRequest Read(CommandContext context) => new()
    {
        Department = Name(context, "departments", _department),
        Owner = Name(context, "departments", _owner),
        Resource = Name(context, "resources", _resource),
        Field = context.Value(_field) ?? "",
        Client = context.Value(_client) ?? "",
        Purpose = context.Value(_purpose) is { } purpose ? CommonOptions.ToPurpose(purpose) : Purpose.Unspecified,
        StartTime = Time(context, _from),
        EndTime = Time(context, _until),
        Action = context.Value(_action) ?? "",
        Outcome = context.Value(_outcome) ?? "",
        Unfinished = context.Value(_unfinished),
    };

    private static Timestamp? Time(CommandContext context, Option<DateTimeOffset?> option) =>
        context.Value(option) is { } time ? Timestamp.FromDateTimeOffset(time) : null;

    private static string Name(CommandContext context, string collection, Option<string?> option) =>
        context.Value(option) is { } id ? CommonOptions.Name(collection, id) : "";

    private static Command Refused(GlobalOptions options) =>
        new Command("refused", "What was refused to whom: bad tokens, wrong secrets, calls beyond a limit; counts by minute, newest first.").With(_address, _since, _limit).Runs(options, (context, cancellationToken) =>
            context.Output.TableAsync(
                context.Client.Audit.ListRefusedAsync(context.Value(_since), context.Value(_address) ?? "", cancellationToken).Take(context.Value(_limit)),
                ["minute", "address", "reason", "count"],
                refused => [$"{refused.StartTime?.ToDateTimeOffset():u}", refused.Address, refused.Reason, $"{refused.Count}"],
                cancellationToken));

    private static string[] Row(AuditEntry entry) =>
    [
        $"{entry.StartTime?.ToDateTimeOffset():u}", CommonOptions.Last(entry.Department), entry.Client, Action(entry), CommonOptions.Last(entry.Resource), $"{(Purpose)entry.Purpose}",
        Fields(entry), $"{entry.Rows}", entry.Outcome.Length > 0 ? $"{entry.Outcome} {entry.Reason}".TrimEnd() : "running or cut off",
    ];

    private static string Action(AuditEntry entry) => entry switch
    {
        { ExplainedDepartment.Length: > 0 } => $"{entry.Action} {CommonOptions.Last(entry.ExplainedDepartment)}",
        { RefusedAction.Length: > 0 } => $"{entry.Action} {entry.RefusedAction}",
        _ => entry.Action,
    };

    // An owner asks about its own fields, and wants them by name.
    private static string Fields(AuditEntry entry) => entry.OwnerView
        ? string.Join(' ', entry.Fields.Select(field => entry.MaskedFields.Contains(field) ? $"{field} (masked)" : field))
        : $"{entry.Fields.Count}{(entry.MaskedFields.Count > 0 ? $", {entry.MaskedFields.Count} masked" : "")}";
}
