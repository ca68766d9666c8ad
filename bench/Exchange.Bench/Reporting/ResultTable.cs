using Spectre.Console;

namespace Exchange.Bench.Reporting;

/// <summary>Results on the terminal: a table, and bars of the shares of their limits.</summary>
public static class ResultTable
{
    private const int Width = 170;

    /// <summary>Prints.</summary>
    public static void Print(IAnsiConsole console, IReadOnlyList<BenchResult> results)
    {
        // Where the output is no terminal, a narrow one is supposed; a row on one line is easier to read, and to search.
        console.Profile.Width = Math.Max(console.Profile.Width, Width);
        var table = new Table().AddColumns("name", "unit", "hub", "limit", "ratio", "spread", "goal", "");
        foreach (var column in table.Columns)
        {
            column.NoWrap = true;
        }

        foreach (var result in results)
        {
            table.AddRow(
                result.Name,
                result.Unit,
                Figures.Of(result.Hub),
                result.Limit is { } limit ? Figures.Of(limit) : "-",
                result.Ratio is { } ratio ? Figures.Of(ratio) : "-",
                result.Spread is { Count: > 1 } spread ? $"{Figures.Of(spread[0])} to {Figures.Of(spread[^1])}" : "-",
                Figures.Goal(result),
                result is { IsReached: false, Informs: false } ? $"[bold]{Figures.Verdict(result)}[/]" : Figures.Verdict(result));
        }

        console.Write(table);
        var shares = results.Where(result => result is { Ratio: not null, IsShare: true }).ToList();
        if (shares.Count > 0)
        {
            var chart = new BarChart().Width(72).Label("hub as a share of its limit, %");
            foreach (var result in shares)
            {
                chart.AddItem(result.Name, Math.Round(100 * result.Ratio!.Value, 1), result.IsReached ? Color.Green : Color.Yellow);
            }

            console.Write(chart);
        }
    }
}
