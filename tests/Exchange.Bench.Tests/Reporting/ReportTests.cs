using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Exchange.Bench.Reporting;
using Spectre.Console;

namespace Exchange.Bench.Tests.Reporting;

/// <summary>The table, the JSON and the SVG that a run leaves behind.</summary>
public sealed class ReportTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly Machine Machine = new(2, 4096, "Test OS & more", "10.0.0", "15.1");

    private static readonly BenchResult[] Results =
    [
        BenchResult.Of("push/1", "records/s", 0.5, [new(40_000, 100_000), new(60_000, 100_000), new(45_000, 90_000)]),
        BenchResult.Of("pull", "records/s", 0.5, [new(10, 100)]),
        BenchResult.Of("policy/x/npm", "decisions/s", 10, [new(1_000, 10)]) with { IsShare = false },
        BenchResult.AtMost("memory", "MiB", 143, [new(71.5, null)]),
        BenchResult.AtLeast("verify", "events/s", 200_000, [new(100_000, null)]) with { Informs = true },
    ];

    [Fact]
    public void The_table_has_a_row_for_each_result_with_spread_goal_and_verdict()
    {
        var table = Print();

        var push = table.Single(line => line.Contains("push/1") && line.Contains("records/s"));
        Assert.All(["45,000", "100,000", "0.5", "0.4 to 0.6", ">= 0.5", "reached"], part => Assert.Contains(part, push));
        Assert.Contains("missed ", table.Single(line => line.Contains("pull") && line.Contains("records/s")));
        Assert.Contains("<= 143", table.Single(line => line.Contains("memory")));
        Assert.Contains("missed, informs", table.Single(line => line.Contains("verify")));
    }

    [Fact]
    public void The_terminal_chart_shows_shares_only()
    {
        var chart = Print().SkipWhile(line => !line.Contains("as a share")).ToList();

        Assert.Contains(chart, line => line.Contains("push/1") && line.Contains("50"));
        Assert.DoesNotContain(chart, line => line.Contains("npm") || line.Contains("memory"));
    }

    [Fact]
    public void The_rows_are_a_JSON_array_with_the_promised_names_and_no_others()
    {
        using var json = JsonDocument.Parse(ResultFile.Rows(Results));

        Assert.Equal(Results.Length, json.RootElement.GetArrayLength());
        Assert.All(json.RootElement.EnumerateArray(), row => Assert.Equal(
            ["name", "unit", "hub", "limit", "ratio", "goal", "rounds"], row.EnumerateObject().Select(property => property.Name)));
        Assert.Equal(100_000, json.RootElement[0].GetProperty("rounds")[1].GetProperty("limit").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.RootElement[3].GetProperty("limit").ValueKind);
    }

    [Fact]
    public void The_kept_file_tells_the_machine()
    {
        using var json = JsonDocument.Parse(ResultFile.Whole(Machine, Results));

        var machine = json.RootElement.GetProperty("machine");
        Assert.Equal(["cores", "memory_mib", "system", "dotnet", "postgresql"], machine.EnumerateObject().Select(property => property.Name));
        Assert.Equal(Results.Length, json.RootElement.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public void A_machine_is_described_without_its_name()
    {
        var text = Machine.Read("15.1").ToString();

        Assert.DoesNotContain(Environment.MachineName, text);
        Assert.Contains($"{Environment.ProcessorCount} cores", text);
        Assert.Contains("PostgreSQL 15.1", text);
    }

    [Fact]
    public void A_bar_is_as_long_as_the_share_and_the_tick_stands_at_the_goal()
    {
        var bars = Bars();

        // 280 pixels are 100 %.
        Assert.Equal([140, 28, 140, 140], bars);
        var ticks = Draw().Descendants(Svg + "line").Where(line => (string?)line.Attribute("stroke-width") is "2").Select(line => (double)line.Attribute("x1")!);
        Assert.Equal([330, 330, 470, 470], ticks);
    }

    [Fact]
    public void A_share_beyond_the_picture_ends_at_its_edge_and_the_figure_is_told()
    {
        var drawn = Draw(BenchResult.Of("fast", "x/s", 1, [new(1_234, 1)]));

        Assert.Equal(420, Bars(drawn).Single());
        Assert.Contains(drawn.Descendants(Svg + "text"), text => text.Value.StartsWith("1,234: ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_missed_is_said_in_words()
    {
        var told = Draw().Descendants(Svg + "text").Select(text => text.Value).ToList();

        Assert.Contains(told, text => text.Contains("10 of 100") && text.EndsWith("(missed)", StringComparison.Ordinal));
        Assert.Contains(told, text => text.Contains("events/s") && text.EndsWith("(missed, informs)", StringComparison.Ordinal));
    }

    private static List<string> Print()
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        ResultTable.Print(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) }), Results);
        return [.. writer.ToString().Split('\n')];
    }

    private static XElement Draw(params BenchResult[] results) => XElement.Parse(ResultChart.Draw(Machine, results is [] ? Results : results));

    private static IEnumerable<double> Bars(XElement? drawn = null) =>
        (drawn ?? Draw()).Elements(Svg + "rect").Skip(1).Select(bar => (double)bar.Attribute("width")!);
}
