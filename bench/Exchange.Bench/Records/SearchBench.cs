using System.Diagnostics;
using System.Globalization;
using Exchange.Bench.Hubs;
using Exchange.Bench.Reporting;
using Exchange.Clients;
using Exchange.Protos.V1;

namespace Exchange.Bench.Records;

/// <summary>
/// The first page of filters: comparisons of indexed fields, from frequent values to single ones, and words of two Chinese characters, from frequent to rare. The
/// time is that of the whole call, its audit included, as one caller after the other sees it.
/// </summary>
internal static class SearchBench
{
    private const int PageSize = 50;
    private const double P99Milliseconds = 20;
    private const int WarmUps = 1;

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var hub = await stage.HubAsync(cancellationToken);
        await hub.FillAsync(stage.FilledRecords, cancellationToken);
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        var count = stage.Size(400, 100);
        return
        [
            await RunAsync(stage, reader, "search/filter", [.. Enumerable.Range(0, count).Select(Comparison)], cancellationToken),
            await RunAsync(stage, reader, "search/text", [.. Enumerable.Range(0, count).Select(i => $"{BenchResource.Words}:\"{MadeRecords.Words[i * 7 % MadeRecords.Words.Count]}\"")], cancellationToken),
        ];
    }

    private static async Task<BenchResult> RunAsync(BenchStage stage, ExchangeClient reader, string name, string[] filters, CancellationToken cancellationToken)
    {
        var rounds = await stage.MeasureAsync(name, WarmUps, async _ =>
        {
            var (times, rows) = (new List<double>(), 0L);
            foreach (var filter in filters)
            {
                var start = Stopwatch.GetTimestamp();
                await using var pull = await reader.Records.PullAsync(
                    new PullRequest { Resource = HubStage.Filled.Name, Filter = filter, Limit = PageSize, Purpose = Purpose.Analysis }, cancellationToken);
                await foreach (var page in pull.WithCancellation(cancellationToken))
                {
                }

                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                rows += pull.Rows;
            }

            var told = string.Create(CultureInfo.InvariantCulture, $"p50 {Statistics.Percentile(times, 0.5):0.0} ms, {rows / (double)filters.Length:0.0} records each");
            return (new BenchRound(Statistics.Percentile(times, 0.99), null), told);
        });
        return BenchResult.AtMost($"{name}/p99", "ms/first page", P99Milliseconds, rounds);
    }

    // A tenth of the records, a thousandth, one in a million.
    private static string Comparison(int i) => (i % 3) switch
    {
        0 => $"{BenchResource.District} = \"{MadeRecords.Districts[i % MadeRecords.Districts.Count]}\" AND boolean_18 = true",
        1 => string.Create(CultureInfo.InvariantCulture, $"integer_16 >= {i * 1_000} AND integer_16 < {(i + 1) * 1_000}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"integer_15 = {i * 1_237 % 1_000_000}"),
    };
}
