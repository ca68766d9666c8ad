using System.Globalization;
using System.Net;
using System.Text;

namespace Exchange.Bench.Reporting;

/// <summary>
/// Results as an SVG picture: how much of its limit the hub reaches, and below, how much of its bound a figure uses up. Each bar has the spread of its
/// rounds as a whisker and the goal as a tick; what is missed is said in words too, not in colour alone.
/// </summary>
public static class ResultChart
{
    private const int Left = 190;
    private const int Plot = 420;
    private const int Width = 1000;
    private const int Row = 24;
    private const int Bar = 12;

    // A bar that would leave the picture ends here; its figure stands beside it.
    private const double Most = 1.5;

    /// <summary>Draws all rows that have a share or a bound.</summary>
    public static string Draw(Machine machine, IReadOnlyList<BenchResult> results)
    {
        var shares = results.Where(result => result is { Ratio: not null, IsShare: true, Bounds: BenchGoal.RatioAtLeast }).ToList();
        var bounds = results.Where(result => result.Bounds is not BenchGoal.RatioAtLeast).ToList();
        var body = new StringBuilder();
        var y = 82;
        y = Section(body, y, "hub as a share of its limit (tick: goal)", shares, result => 1, result => $"{Figures.Of(result.Hub)} of {Figures.Of(result.Limit!.Value)} {result.Unit}");
        y = Section(body, y, "figure as a share of its bound (tick: the bound)", bounds, result => result.Goal, result => $"{Figures.Of(result.Hub)} {result.Unit}, {Figures.Goal(result)}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{y}" viewBox="0 0 {Width} {y}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">
            <rect width="{Width}" height="{y}" fill="#ffffff"/>
            <text x="16" y="26" font-size="16" font-weight="600">DataExchange beside PostgreSQL's own limits</text>
            <text x="16" y="44" fill="#57606a">{Text(machine.ToString())}</text>
            <text x="16" y="60" fill="#57606a">Medians of the rounds; whiskers from the lowest to the highest round.</text>
            {body}</svg>

            """);
    }

    private static int Section(StringBuilder body, int y, string title, List<BenchResult> rows, Func<BenchResult, double> whole, Func<BenchResult, string> tell)
    {
        if (rows.Count is 0)
        {
            return y;
        }

        Line(body, $"""<text x="16" y="{y + 14}" font-weight="600">{Text(title)}</text>""");
        y += Row;
        var bottom = y + (rows.Count * Row);
        foreach (var percent in (int[])[0, 25, 50, 75, 100, 125, 150])
        {
            var x = X(percent / 100.0);
            Line(body, $"""<line x1="{x}" y1="{y}" x2="{x}" y2="{bottom}" stroke="{(percent is 100 ? "#8c959f" : "#eaeef2")}"/>""");
            Line(body, $"""<text x="{x}" y="{bottom + 14}" text-anchor="middle" font-size="10" fill="#57606a">{percent} %</text>""");
        }

        foreach (var result in rows)
        {
            Draw(body, y, result, whole(result), tell(result));
            y += Row;
        }

        return bottom + Row + 8;
    }

    private static void Draw(StringBuilder body, int y, BenchResult result, double whole, string told)
    {
        var middle = y + (Row / 2);
        var share = Share(result.Bounds is BenchGoal.RatioAtLeast ? result.Ratio!.Value : result.Hub, whole);
        var colour = result.IsReached ? "#2da44e" : "#bf8700";
        Line(body, $"""<text x="{Left - 8}" y="{middle + 4}" text-anchor="end">{Text(result.Name)}</text>""");
        Line(body, $"""<rect x="{Left}" y="{middle - (Bar / 2)}" width="{X(share) - Left:0.#}" height="{Bar}" fill="{colour}"/>""");
        if (result.Spread is { Count: > 1 } spread)
        {
            var (from, to) = (X(Share(spread[0], whole)), X(Share(spread[^1], whole)));
            Line(body, $"""<path d="M{from:0.#} {middle - 4}v8M{from:0.#} {middle}H{to:0.#}M{to:0.#} {middle - 4}v8" stroke="#1f2328" fill="none"/>""");
        }

        var goal = X(result.Bounds is BenchGoal.RatioAtLeast ? result.Goal : 1);
        Line(body, $"""<line x1="{goal:0.#}" y1="{y + 2}" x2="{goal:0.#}" y2="{y + Row - 2}" stroke="#cf222e" stroke-width="2"/>""");
        var figure = result.Ratio is { } ratio ? $"{Figures.Of(ratio)}: " : "";
        Line(body, $"""<text x="{Left + Plot + 12}" y="{middle + 4}">{Text($"{figure}{told}{(result.IsReached ? "" : $" ({Figures.Verdict(result)})")}")}</text>""");
    }

    private static double Share(double figure, double whole) => whole > 0 && double.IsFinite(figure) ? Math.Clamp(figure / whole, 0, Most) : figure > 0 ? Most : 0;

    private static double X(double share) => Left + (Math.Min(share, Most) / Most * Plot);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void Line(StringBuilder body, FormattableString line) => body.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
