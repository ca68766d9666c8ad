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
    public async Task A_record_is_found_by_the_whole_key_also_under_a_plan_that_was_made_while_the_table_was_small()
    {
        for (var number = 0; number < 20; number++)
        {
            await PushAsync("early", number, 1);
            await GetAsync(await PushAsync("early", number, 1, "y"));
        }

        for (var from = 0; from < Records; from += 500)
        {
            await PushAsync("many", from, 500);
        }

        // One by one they are of one partition; those of many callers at a time are of several, and go through each of the appenders.
        await UntilToldAsync(20 + (Records / 500));
        var before = await ScansAsync("= 'complaint$pkey'");
        for (var number = 0; number < Lookups; number++)
        {
            await GetAsync(await PushAsync("many", number, 1, "y"));
        }

        await Parallel.ForEachAsync(Enumerable.Range(Lookups, Lookups), async (number, _) => await GetAsync(await PushAsync("many", number, 1, "y")));
        await UntilToldAsync(before.Scans + (2 * Lookups));
        var after = await ScansAsync("= 'complaint$pkey'");

        // The row as it is and as it was: a lookup may meet both. By the partition alone it would meet hundreds.
        Assert.InRange(after.Rows - before.Rows, 1, 3 * (after.Scans - before.Scans));
        Assert.Equal(0, (await ScansAsync("<> 'complaint$pkey'")).Rows);
    }

    // PostgreSQL tells with a delay.
    private async Task UntilToldAsync(long scans)
    {
        while ((await ScansAsync("<> ''")).Scans < scans)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> PushAsync(string name, int from, int count, string title = "x") => (await city.PushAsync(
        City.Centre,
        city.Header(City.Centre, "title", "calls", "due"),
        [.. Enumerable.Range(from, count).Select(number => Pushed.Own($"{name}-{number}", Pushed.Text(title), new Value { Integer = number }, new Value { Date = number }))])).Results[0].RecordId;

    private async Task GetAsync(string id) =>
        await city.RecordsOf(City.Centre).GetRecordAsync(new GetRecordRequest { Name = $"resources/complaint/records/{id}", Purpose = Purpose.Regulation });

    private async Task<(long Scans, long Rows)> ScansAsync(string index)
    {
        var numbers = (await city.ScalarAsync<string>($"{SelectScans} {index}")).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}
