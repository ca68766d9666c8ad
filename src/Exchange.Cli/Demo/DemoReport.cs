using System.Globalization;
using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Spectre.Console;

namespace Exchange.Cli.Demo;

/// <summary>Tells a newcomer what happened, and where to look next.</summary>
internal static class DemoReport
{
    public static void Print(Output output, DemoInput input, DemoRun run, DemoRefusals refusals, string folder, bool isOnce)
    {
        var console = output.People;
        console.WriteLine();
        console.MarkupLine("[bold]What happened[/]");
        console.MarkupLineInterpolated($"{(input.IsGenerated ? "The data is generated: an invented city, the same on every machine. " : "")}Departments exchanged complaints through the hub: each wrote only the fields it owns, each read only what it may.");
        console.Write(Writers(run));
        console.Write(Totals(run));
        if (run.Samples.Count > 0)
        {
            console.MarkupLineInterpolated($"[bold]What {DemoRun.Puller} sees of one record[/] ({run.PulledColumns.Count} columns; the others it may not read)");
            console.Write(Sample(run));
        }

        console.MarkupLine("[bold]What the hub did not let happen[/]");
        var table = new Table().Border(TableBorder.Simple).AddColumns("tried", "outcome", "why, and what to do");
        foreach (var (tried, outcome, why) in refusals.Lines)
        {
            table.AddRow(new Text(tried), new Text(outcome, new Style(outcome is "READ" ? Color.Green : Color.Yellow)), new Text(why));
        }

        console.Write(table);
        if (isOnce)
        {
            console.MarkupLine("[bold]Where to look next[/]: the hub stops now; without --once it runs on, and commands to look around are printed here");
        }
        else
        {
            Next(console, run, folder);
        }

        foreach (var file in run.RejectFiles)
        {
            console.MarkupLineInterpolated($"  [grey]rows that were not taken:[/] {file}");
        }
    }

    private static Table Writers(DemoRun run)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("department", "pushed").AddColumn(new TableColumn("records").RightAligned());
        foreach (var group in run.SentBy.GroupBy(s => s.Key.Part))
        {
            foreach (var ((part, department), sent) in group.OrderByDescending(s => s.Value).Take(6))
            {
                table.AddRow(department, part, Count(sent));
            }

            if (group.Count() > 6)
            {
                table.AddRow($"{group.Count() - 6} more", group.Key, Count(group.OrderByDescending(s => s.Value).Skip(6).Sum(s => s.Value)));
            }
        }

        foreach (var follower in run.Following)
        {
            table.AddRow(new Text(follower.Department), new Text($"followed {follower.Columns} columns live"), new Text($"{Count(follower.Changes)} changes"));
        }

        table.AddRow(new Text(DemoRun.Puller), new Text($"pulled {run.PulledColumns.Count} columns"), new Text(Count(run.Figures.Pulled)));
        return table;
    }

    private static Table Totals(DemoRun run)
    {
        var figures = run.Figures;
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned()).AddColumn("");
        void Row(string what, string count, string note) => table.AddRow(new Text(what), new Text(count), new Text(note, new Style(Color.Grey)));
        Row("rows read", Count(figures.Mapping.Rows), "");
        Row("records", Count(figures.Records), $"{Count(figures.Accepted)} accepted, {Count(figures.Unchanged)} unchanged");
        foreach (var (reason, rows) in figures.Rejected.OrderByDescending(r => r.Value))
        {
            Row($"rows rejected: {reason}", Count(rows), "in the reject file, with row, column and reason");
        }

        foreach (var (reason, count) in figures.Mapping.Warnings.OrderByDescending(w => w.Value))
        {
            Row($"warnings: {reason}", Count(count), "kept with the record's events");
        }

        foreach (var (field, (recognised, texts)) in figures.Mapping.Recognition.Where(r => r.Value.Texts > 0))
        {
            Row($"{field} read out of texts", string.Create(CultureInfo.InvariantCulture, $"{100.0 * recognised / texts:F1} %"), $"{Count(recognised)} of {Count(texts)} recognised by the mapping's rules");
        }

        Row("events appended", Count(figures.EventsAppended), "facts that are never rewritten");
        Row("coverage proven", figures.CoverageProven ? "yes" : "NO", "computed by the followers from the positions they received");
        Row("columns as permitted", run.PulledColumns.Select(c => c.Field).ToHashSet().SetEquals(run.PermittedFields) ? "yes" : "NO", "the puller's columns against its access plan");
        if (run.Scan.Term is { } term)
        {
            Row($"found by `{term}`", Count(run.Scan.Found), $"a scan of every title finds {Count(run.Scan.Counted)}");
        }

        Row("records per second", Rate(figures.Sent, figures.PushSeconds), "pushed, each by its owner");
        Row("", Rate(figures.Pulled, figures.PullSeconds), "pulled");
        Row("", Rate(figures.Followed, figures.FollowSeconds), "followed, while they were pushed");
        return table;
    }

    private static Table Sample(DemoRun run)
    {
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumn("").AddColumn("");
        var row = run.Samples[0];
        for (var i = 0; i < run.PulledColumns.Count; i++)
        {
            if (ValueText.Of(row.Values[i]) is { } value)
            {
                table.AddRow(new Text(run.PulledColumns[i].Field), new Text(value.Length > 90 ? value[..90] + "…" : value));
            }
        }

        return table;
    }

    private static void Next(IAnsiConsole console, DemoRun run, string folder)
    {
        console.MarkupLine("[bold]Where to look next[/] (in another terminal, while this runs)");
        var record = run.Samples.Count > 0 ? ValueText.RecordId(run.Samples[0].RecordId) : "<uuid>";
        var resource = run.Resource["resources/".Length..];
        var (found, filter) = run.Scan.Term is { } term ? ("messages found by Chinese words", $"{TitleScan.Field}:\"{term}\"") : ("what is concluded", "status = \"CONCLUDED\"");
        Say(console, "as the hub's operator: the catalog window, who read what, and whether the log is as it was written",
        [
            .. IsFound(folder) ? [] : new[] { $"export EXCHANGE_DATA_DIRECTORY={folder}" },
            $"./exchange catalog show {resource}",
            "./exchange audit",
            "./exchange log verify",
        ]);
        Say(console, $"as {DemoRun.Puller}: what it may read and why, one record's history, {found}, every change so far",
        [
            $"./exchange plan {resource} --purpose gov-service --as {DemoRun.Puller}",
            $"./exchange history {resource}/{record} --purpose gov-service --as {DemoRun.Puller}",
            $"./exchange pull {resource} --purpose gov-service --filter '{filter}' --fields record_no,title,status --as {DemoRun.Puller}",
            $"./exchange follow {resource} --purpose gov-service --from-beginning --until-caught-up -o changes.jsonl --as {DemoRun.Puller}",
        ]);
    }

    /// <summary>True when commands find the demo's hub by themselves: it is in the usual folder, and no other hub of this checkout runs.</summary>
    private static bool IsFound(string folder) => folder == HubFolder.OfDemo && HubFolder.Read(HubFolder.OfServe) is not { IsAlive: true };

    /// <summary>Commands are not wrapped, so that they can be copied.</summary>
    private static void Say(IAnsiConsole console, string what, string[] commands)
    {
        console.MarkupLineInterpolated($"  [grey]{what}[/]");
        foreach (var command in commands)
        {
            console.Profile.Out.Writer.WriteLine("    " + command);
        }
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rate(long count, double seconds) => seconds > 0 ? Count((long)(count / seconds)) : "";
}
