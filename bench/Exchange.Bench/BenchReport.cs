using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Exchange.Bench;

/// <summary>Prints results as a table and a bar chart, and writes them as JSON.</summary>
public static class BenchReport
{
    private const int Width = 140;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Prints to standard output.</summary>
    public static void Print(IReadOnlyList<BenchResult> results)
    {
        // Where the output is no terminal, a narrow one is supposed; a row on one line is easier to read, and to search.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, Width);
        var table = new Table().AddColumns("name", "unit", "hub", "limit", "ratio", "spread", "goal", "");
        foreach (var column in table.Columns)
        {
            column.NoWrap = true;
        }

        foreach (var result in results)
        {
            var spread = (result.Ratio is null ? result.Rounds.Select(r => r.Hub) : result.Rounds.Select(r => r.Hub / r.Limit!.Value)).Order().ToArray();
            table.AddRow(
                result.Name,
                result.Unit,
                Figure(result.Hub),
                result.Limit is { } limit ? Figure(limit) : "-",
                result.Ratio is { } ratio ? Figure(ratio) : "-",
                spread.Length > 1 ? $"{Figure(spread[0])} to {Figure(spread[^1])}" : "-",
                (result.LowerIsBetter ? "<= " : ">= ") + result.Goal.ToString("#,0.##", CultureInfo.InvariantCulture),
                result.Reached ? "reached" : result.Informs ? "missed, informs" : "[bold]missed[/]");
        }

        AnsiConsole.Write(table);
        var shares = results.Where(r => r is { Ratio: not null, IsShare: true }).ToList();
        if (shares.Count is 0)
        {
            return;
        }

        var chart = new BarChart().Width(72).Label("hub as a share of its limit, %");
        foreach (var result in shares)
        {
            chart.AddItem(result.Name, Math.Round(100 * result.Ratio!.Value, 1), result.Reached ? Color.Green : Color.Yellow);
        }

        AnsiConsole.Write(chart);
    }

    /// <summary>Writes the results as a JSON array.</summary>
    public static Task WriteJsonAsync(string path, IReadOnlyList<BenchResult> results, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(results, Json) + "\n", cancellationToken);

    private static string Figure(double value) => value.ToString(value >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
