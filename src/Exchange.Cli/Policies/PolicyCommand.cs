using System.CommandLine;
using Exchange.Cli.Inbox;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Policies;

/// <summary>`exchange policy`.</summary>
internal static class PolicyCommand
{
    private static readonly Argument<string> _row = new("row") { Description = "policy row, e.g. traffic-in-emergencies" };
    private static readonly Argument<string?> _onlyRow = new("row") { Description = "only this policy row", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
    private static readonly Option<string> _reason = new("--reason") { Description = "why it is removed; kept with the change", Required = true };

    public static Command Create(GlobalOptions options) => new Command("policy", "The rows that decide who may do what: kept, explained, tried out and checked.").With(
        new Command("list", "Lists the rows that stand, the hub's own too.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Policies.ListAsync(cancellationToken),
            ["row", "of", "effect", "who", "does", "what", "when", "mask", "why"],
            row => [PolicyText.Id(row.Name), CommonOptions.Last(row.Department), PolicyText.Effect(row.Effect), row.Subject, PolicyText.Actions(row), row.Object, PolicyText.When(row), PolicyText.Mask(row), row.Reason],
            cancellationToken)),
        new Command("set", "Creates a row, or replaces the one of this name; every open stream decides by it within a second.").With([_row, .. PolicyRowOptions.Symbols]).Runs(options, SetAsync),
        new Command("remove", "Removes a row.").With(_row, _reason).Runs(options, RemoveAsync),
        new Command("history", "Tells how rows were set and removed, by whom and why; oldest first.").With(_onlyRow).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Policies.ListChangesAsync(context.Value(_onlyRow) is { } row ? PolicyText.Name(row) : "", cancellationToken),
            ["position", "when", "department", "client", "change", "row", "which", "why"],
            Change,
            cancellationToken)),
        ExplainCommand.Create(options),
        SimulateCommand.Create(options),
        LintCommand.Create(options));

    private static async Task<int> SetAsync(CommandContext context, CancellationToken cancellationToken)
    {
        Show(context.Output, await context.Client.Policies.SetAsync(PolicyRowOptions.Read(context, context.Value(_row)), cancellationToken), "set");
        return ExitCode.Done;
    }

    private static async Task<int> RemoveAsync(CommandContext context, CancellationToken cancellationToken)
    {
        Show(context.Output, await context.Client.Policies.RemoveAsync(PolicyText.Name(context.Value(_row)), context.Value(_reason)!, cancellationToken), "removed");
        return ExitCode.Done;
    }

    private static void Show(Output output, PolicyRow row, string what)
    {
        if (output.IsJson)
        {
            output.Json(row);
        }
        else if (!output.NoteWaiting(row.PendingChange, row.Department.Length > 0 ? "steward" : "operator"))
        {
            output.Note($"{what}: {row.Name}: {PolicyText.Sentence(row)}");
        }
    }

    private static string[] Change(PolicyChange change) =>
    [
        $"{change.Position}", $"{change.ChangeTime?.ToDateTimeOffset():u}", CommonOptions.Last(change.Department), change.Client,
        change.Kind is PolicyChangeKind.Set ? "set" : "removed", PolicyText.Id(change.Row.Name), PolicyText.Sentence(change.Row), change.Reason,
    ];
}
