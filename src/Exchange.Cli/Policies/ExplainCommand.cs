using System.CommandLine;
using Exchange.Cli.Records;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Policies;

/// <summary>`exchange policy explain`.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department that would read or push, e.g. housing" };
    private static readonly Argument<string> _what = new("what") { Description = "resource, e.g. complaint, or one record of it, e.g. complaint/ID" };
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<string> _action = new Option<string>("--action") { Description = "what it would do: read, follow, match, export, write or propose", DefaultValueFactory = _ => "read" }
        .AcceptOnlyFromAmong("read", "follow", "match", "export", "write", "propose");

    private static readonly Option<string?> _network = new("--from") { Description = "address that its machines would call from, where a row asks for it" };

    public static Command Create(GlobalOptions options) =>
        new Command("explain", "Explains what a department may read, or push, of a resource, or read of a record: every field with its rules and, where it is withheld, the next step.")
            .With(_department, _what, _purpose, _action, _network).Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (resource, record) = Read(context.Value(_what));
        var explained = await context.Client.Policies.ExplainAsync(
            new ExplainRequest
            {
                Department = CommonOptions.Name("departments", context.Value(_department)),
                Resource = resource,
                Record = record,
                Purpose = CommonOptions.ToPurpose(context.Value(_purpose)!),
                Action = PolicyRowOptions.ToAction(context.Value(_action)!),
                Network = context.Value(_network) ?? "",
            },
            cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(explained);
            return ExitCode.Done;
        }

        Show(context.Output, explained, PolicyRowOptions.ToAction(context.Value(_action)!), record.Length > 0);
        return ExitCode.Done;
    }

    // `complaint`, `resources/complaint`, `complaint/ID`, `resources/complaint/records/ID`.
    private static (string Resource, string Record) Read(string what)
    {
        var resource = CommonOptions.Name("resources", what);
        if (resource.Count(letter => letter is '/') is 1)
        {
            return (resource, "");
        }

        var record = RecordName.Read(what);
        return (record[..record.IndexOf("/records/", StringComparison.Ordinal)], record);
    }

    private static void Show(Output output, ExplainResponse explained, PolicyAction action, bool isRecord)
    {
        output.People.MarkupLineInterpolated(
            $"at policy revision {explained.Revision}{(explained.ExpireTime is { } end ? $", until {end.ToDateTimeOffset():u}" : "")}{(explained.VisibleRecords.Length > 0 && !isRecord ? explained.VisibleRecords is "FALSE" ? "; no records" : $"; only records where {explained.VisibleRecords}" : "")}");
        var table = new Table().Border(TableBorder.Simple).AddColumns("field", "answer", "when", "", "mask", "rules", "because");
        foreach (var field in explained.Fields)
        {
            var (name, answer, rest) = (field.Field, PolicyText.Answer(field, action), isRecord ? "" : "always");
            foreach (var rule in field.Rules)
            {
                table.AddRow(
                    name, Markup.Escape(answer), Markup.Escape(rule.Condition.Length > 0 ? rule.Condition : rest), rule.Effect is PolicyEffect.Allow ? "[green]permit[/]" : "[red]forbid[/]",
                    PolicyText.Mask(rule.Mask), Markup.Escape(string.Join(' ', rule.Rules)), Markup.Escape(rule.Reason));
                (name, answer, rest) = ("", "", "otherwise");
            }

            if (field.Rules.Count is 0 || (!isRecord && field.Rules[^1].Condition.Length > 0))
            {
                table.AddRow(name, Markup.Escape(answer), rest, "[red]forbid[/]", "", "", "");
            }

            if (field.NextStep.Length > 0)
            {
                table.AddRow("", "", "", "[yellow]next[/]", "", Markup.Escape(field.NextStep), "");
            }
        }

        output.People.Write(table);
    }
}
