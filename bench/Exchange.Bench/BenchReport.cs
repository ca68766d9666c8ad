using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Exchange.Bench;

/// <summary>Prints results as a table and a bar chart, and writes them as JSON.</summary>
public static class BenchReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Prints to standard output.</summary>
    public static void Print(IReadOnlyList<BenchResult> results)
    {
        var table = new Table().AddColumns("name", "unit", "hub", "limit", "ratio", "spread of ratio", "goal", "");
        table.Width = 100;
        foreach (var result in results)
        {
            var ratios = result.Rounds.Where(r => r.Limit > 0).Select(r => r.Hub / r.Limit).Order().ToArray();
            table.AddRow(
                result.Name,
                result.Unit,
                Figure(result.Hub),
                result.Limit is { } limit ? Figure(limit) : "-",
                result.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "-",
                ratios.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"{ratios[0]:0.00} to {ratios[^1]:0.00}") : "-",
                (result.LowerIsBetter ? "<= " : ">= ") + result.Goal.ToString("0.##", CultureInfo.InvariantCulture),
                result.Reached ? "reached" : "[bold]missed[/]");
        }

        AnsiConsole.Write(table);
        var chart = new BarChart().Width(72).Label("hub as a share of its limit, %");
        foreach (var result in results.Where(r => r.Ratio is not null))
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
