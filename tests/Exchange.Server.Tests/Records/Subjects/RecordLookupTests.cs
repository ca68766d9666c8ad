using System.Globalization;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records.Push;

namespace Exchange.Server.Tests.Records.Subjects;

/// <summary>How records are found by their ids in a table that was empty when the hub made its plans.</summary>
public sealed class RecordLookupTests(CityHub city) : IClassFixture<CityHub>
{
    private const int Records = 2_000;
    private const int Lookups = 200;

    private const string SelectScans = """
        SELECT coalesce(sum(idx_scan), 0)::bigint || ' ' || coalesce(sum(idx_tup_read), 0)::bigint
        FROM pg_stat_user_indexes WHERE schemaname = 'subject' AND relname = 'complaint' AND indexrelname
        """;

    [Fact]
    public async Task A_record_is_found_by_the_key_also_under_a_plan_that_was_made_while_the_table_was_empty()
    {
        for (var number = 0; number < 20; number++)
        {
            await PushAsync("early", number, 1);
        }

        for (var from = 0; from < Records; from += 500)
        {
            await PushAsync("many", from, 500);
        }

        // Pushes by many callers at a time go through each of the appenders, and are found there.
        await Parallel.ForEachAsync(Enumerable.Range(0, Lookups), async (number, _) => await PushAsync("many", number, 1));

        // PostgreSQL tells with a delay.
        while (await ScansAsync("<> ''") is var (scans, _) && scans < Lookups)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, (await ScansAsync("<> 'complaint$pkey'")).Rows);
    }

    private async Task PushAsync(string name, int from, int count) => await city.PushAsync(
        City.Centre,
        city.Header(City.Centre, "title", "calls", "due"),
        [.. Enumerable.Range(from, count).Select(number => Pushed.Own($"{name}-{number}", Pushed.Text("x"), new Value { Integer = number }, new Value { Date = number }))]);

    private async Task<(long Scans, long Rows)> ScansAsync(string index)
    {
        var numbers = (await city.ScalarAsync<string>($"{SelectScans} {index}")).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}
