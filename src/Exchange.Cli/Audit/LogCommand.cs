using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Audit;

/// <summary>`exchange log`.</summary>
internal static class LogCommand
{
    private static readonly Argument<int> _partition = new("partition") { Description = "partition of the log" };
    private static readonly Option<int?> _only = new("--partition") { Description = "only this partition" };
    private static readonly Option<long> _after = new("--after") { Description = "events after this position" };
    private static readonly Option<int> _limit = new("--limit") { Description = "at most so many events", DefaultValueFactory = _ => 20 };

    public static Command Create(GlobalOptions options) => new Command("log", "The event log: what happened, and whether it is as it was written. For auditors and the operator.").With(
        new Command("show", "Shows events of a partition; of records the field names only, never values.").With(_partition, _after, _limit).Runs(options, (context, cancellationToken) =>
            context.Output.TableAsync(
                EventsAsync(context, cancellationToken),
                ["position", "recorded", "type", "stream", "version", "department", "client", "payload"],
                e => [$"{e.Position}", $"{e.RecordTime?.ToDateTimeOffset():u}", e.Type, e.Stream, $"{e.Version}", e.Department[(e.Department.LastIndexOf('/') + 1)..], e.Client, e.PayloadJson],
                cancellationToken)),
        new Command("verify", "Recomputes the hash chain from the stored events; exit code 5 when it is broken.").With(_only).Runs(options, VerifyAsync));

    private static async IAsyncEnumerable<LogEvent> EventsAsync(CommandContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (after, left) = (context.Value(_after), context.Value(_limit));
        while (left > 0)
        {
            var page = await context.Client.Audit.ListEventsAsync(context.Value(_partition), after, Math.Min(left, 500), cancellationToken);
            foreach (var e in page.Events)
            {
                yield return e;
                after = e.Position;
            }

            left = page.Events.Count == 0 ? 0 : left - page.Events.Count;
        }
    }

    private static async Task<int> VerifyAsync(CommandContext context, CancellationToken cancellationToken)
    {
        VerifyLogResponse verified = new();
        await ProgressDisplay.RunAsync(context.Output, "recomputing the hash chain", null, async _ =>
            verified = await context.Client.Audit.VerifyAsync(context.Value(_only), cancellationToken));
        var bad = verified.Partitions.Where(p => !p.Intact).ToArray();
        if (context.Output.IsJson)
        {
            context.Output.Json(verified);
            return bad.Length == 0 ? ExitCode.Done : ExitCode.NotProven;
        }

        foreach (var partition in bad)
        {
            context.Output.People.MarkupLineInterpolated($"[red]partition {partition.Partition} is not as it was written from position {partition.FirstBadPosition} on[/]");
        }

        if (verified.ExportedHeads == 0)
        {
            context.Output.People.MarkupLineInterpolated($"[yellow]no exported heads to compare with: a cut tail would not be seen[/]");
        }

        context.Output.People.MarkupLineInterpolated($"{verified.Partitions.Count} partitions, {verified.Partitions.Sum(p => p.Events)} events, {(bad.Length == 0 ? "all intact" : $"{bad.Length} broken")}");
        return bad.Length == 0 ? ExitCode.Done : ExitCode.NotProven;
    }
}
