using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Policies;

/// <summary>`exchange policy lint`.</summary>
internal static class LintCommand
{
    public static Command Create(GlobalOptions options) =>
        new Command("lint", "Looks for mistakes: rows that never match, shadowed permits, cycles, permits to everyone on sensitive fields, rows that nothing asks for yet. Ends with exit code 6 when it finds something.").Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var lint = await context.Client.Policies.LintAsync(cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(lint);
            return End(lint);
        }

        if (lint.UntriedRowCount > 0)
        {
            context.Output.Note($"rows not tried, for they reach too much or hang on the time or address of a call: {lint.UntriedRowCount}; whether they match or are shadowed is not said");
        }

        if (lint.Findings.Count is 0)
        {
            context.Output.People.MarkupLineInterpolated($"[green]nothing found[/] at policy revision {lint.Revision}");
            return End(lint);
        }

        if (lint.FindingCount > lint.Findings.Count)
        {
            context.Output.Note($"{lint.FindingCount} findings, the first {lint.Findings.Count} are shown");
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("finding", "rows", "what is wrong", "next");
        foreach (var finding in lint.Findings)
        {
            table.AddRow(Markup.Escape(Kind(finding.Kind)), Markup.Escape(string.Join(' ', finding.Names.Select(PolicyText.Id))), Markup.Escape(finding.Message), Markup.Escape(finding.NextStep));
        }

        context.Output.People.Write(table);
        return End(lint);
    }

    private static int End(LintResponse lint) => lint.FindingCount > 0 ? ExitCode.Found : ExitCode.Done;

    private static string Kind(PolicyFindingKind kind) => kind switch
    {
        PolicyFindingKind.NeverMatches => "never matches",
        PolicyFindingKind.ShadowedPermit => "shadowed permit",
        PolicyFindingKind.RoleCycle => "cycle",
        PolicyFindingKind.PermitToEveryone => "permit to everyone",
        PolicyFindingKind.Fails => "fails",
        PolicyFindingKind.UnknownAttribute => "unknown attribute",
        PolicyFindingKind.NotAsked => "not asked for",
        _ => kind.ToString(),
    };
}
