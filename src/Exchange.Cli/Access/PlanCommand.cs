using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Access;

/// <summary>`exchange plan`.</summary>
internal static class PlanCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Option<string> _purpose = CommonOptions.Purpose();

    public static Command Create(GlobalOptions options) =>
        new Command("plan", "Shows what you may read of a resource for a purpose, and the rules that decide.").With(_resource, _purpose).Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var plan = await context.Client.Access.GetAccessPlanAsync(
            CommonOptions.Name("resources", context.Value(_resource)), CommonOptions.ToPurpose(context.Value(_purpose)!), cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(plan);
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("field", "when", "", "mask", "rules");
        foreach (var field in plan.Fields)
        {
            var (name, rest) = (field.Field, "always");
            foreach (var rule in field.Rules)
            {
                table.AddRow(
                    name, Markup.Escape(rule.Condition.Length > 0 ? rule.Condition : rest), rule.Allow ? "[green]read[/]" : "[red]refused[/]",
                    rule.Mask is null or { Kind: MaskKind.None or MaskKind.Unspecified } ? "" : rule.Mask.Kind.ToString(), Markup.Escape(string.Join(' ', rule.Rules)));
                (name, rest) = ("", "otherwise");
            }

            if (field.Rules is not [.., { Condition: "" }])
            {
                table.AddRow(name, rest, "[red]refused[/]", "", "");
            }

            if (field.NextStep.Length > 0)
            {
                table.AddRow("", "", "", "", Markup.Escape(field.NextStep));
            }
        }

        context.Output.People.Write(table);
        return ExitCode.Done;
    }
}
