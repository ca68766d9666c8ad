using System.Collections.Immutable;
using System.IO.Compression;
using Exchange.Catalog.Access;
using Exchange.Catalog.Search;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Records.Pull.Paging;
using Exchange.Server.Records.Pull;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Records.Push;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Purpose = Exchange.Protos.V1.Purpose;

namespace Exchange.Server.Tests.Records.Pull;

public sealed class PullSearchTests : IAsyncLifetime
{
    private const string Petitions = "data/cn-petition-2020/messages_replies_until_2019_06.csv.gz";

    private readonly CityHub city = new();

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task Two_character_Chinese_terms_find_exactly_what_a_scan_finds()
    {
        // Few characters, punctuation between, so that pairs occur within runs, at their ends and across their borders.
        const string Characters = "噪音扰民漏水停车，。、 《》a1";
        var random = new Random(42);
        var texts = Enumerable.Range(0, 3_000)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => Characters[random.Next(Characters.Length)])))
            .ToList();
        await PushAsync(texts);

        foreach (var first in Characters[..8])
        {
            foreach (var second in Characters[..8])
            {
                Assert.Equal(Scan(texts, $"{first}{second}"), await SearchAsync($"{first}{second}"));
            }
        }
    }

    [Fact]
    public async Task Petitions_are_found_again_by_two_character_searches()
    {
        var path = SharedData.Find(Petitions);
        Assert.SkipWhen(path is null, $"../shared/{Petitions} is not here");
        var texts = ReadTexts(path!).Take(2_000).ToList();
        await PushAsync(texts);

        foreach (var term in new[] { "噪音", "物业", "垃圾", "停车", "拆迁", "学校", "公交", "污染", "社保", "夜间", "西地", "年以" })
        {
            Assert.Equal([.. texts.Where(text => SearchTokens.Matches(text, term))], await SearchAsync(term));
        }
    }

    [Fact]
    public async Task A_search_uses_the_index_of_lexemes()
    {
        await PushAsync([.. Enumerable.Range(0, 4_000).Select(number => $"标题{(char)(0x4E00 + (number % 2_000))}号 street {number}")]);
        await city.ExecuteAsync("VACUUM (ANALYZE) subject.complaint");
        var plan = await city.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(
            City.Centre, City.Complaint, PlanAction.Pull, Exchange.Catalog.Purpose.Regulation, CancellationToken.None);
        foreach (var filter in new[] { "title : \"题一\"", "title : \"题一号\" AND fee = 1", "title : \"题一\" OR title : \"题丁\"", "title : street AND NOT calls = 1 AND title : \"一号\"" })
        {
            var explained = await ExplainProposalsAsync(plan.Value, filter);

            Assert.True(explained.Contains("Bitmap Index Scan on \"complaint$search_idx\"", StringComparison.Ordinal), $"{filter}\n{explained}");
        }
    }

    [Fact]
    public async Task A_filter_on_an_indexed_field_uses_its_index()
    {
        for (var from = 0; from < 4_000; from += 500)
        {
            await city.PushAsync(
                City.Centre,
                city.Header(City.Centre, "title", "calls", "due"),
                [.. Enumerable.Range(from, 500).Select(number => Pushed.Own($"indexed-{number}", Pushed.Text("x"), new Value { Integer = number }, new Value { Date = number }))]);
        }

        await city.ExecuteAsync("VACUUM (ANALYZE) subject.complaint");
        var plan = await city.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(
            City.Centre, City.Complaint, PlanAction.Pull, Exchange.Catalog.Purpose.Regulation, CancellationToken.None);
        foreach (var (filter, index) in new[]
        {
            ("calls = 7", 13), ("calls >= 7 AND calls < 9 AND fee = 1", 13), ("calls = 7 OR calls = 8", 13), ("due = 1970-03-01", 11), ("title : x AND due < 1970-01-03", 11),
        })
        {
            var explained = await ExplainProposalsAsync(plan.Value, filter);

            Assert.True(explained.Contains($"Bitmap Index Scan on \"complaint$field_{index}_idx\"", StringComparison.Ordinal), $"{filter}\n{explained}");
        }
    }

    [Fact]
    public async Task A_walk_and_a_sample_take_their_rows_from_an_index_in_order_whatever_the_statistics_say()
    {
        await PushAsync([.. Enumerable.Range(0, 4_000).Select(number => $"street {number}")]);
        var plan = await city.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(
            City.Centre, City.Complaint, PlanAction.Pull, Exchange.Catalog.Purpose.Regulation, CancellationToken.None);
        foreach (var filter in new[] { "", "fee > 1", "title : street OR fee > 1" })
        {
            var condition = ReadSelection.Filter(plan.Value.Plan, filter, FilterUse.Pull).Value;
            var shape = new PullShape(new PullView(plan.Value, [0], condition, null));
            for (var analyses = 0; analyses < 2; analyses++)
            {
                var route = new PullRoute(shape, city.Log.Partitions.Records);
                route.Decide(PullRoute.LookRows, PullRoute.LookRows, 4_000);
                var walk = PullStatement.Of(shape, route, await city.HeadsAsync(), PullRoute.Start(city.Log.Partitions.Records), 4_000);
                var sample = PullStatement.Sample(shape, city.Log.Partitions.Records[0], PullRoute.LookRows);
                foreach (var (statement, index) in new[] { (walk, "\"complaint$opened_idx\""), (sample, "\"complaint$pkey\"") })
                {
                    var explained = await ExplainAsync(statement, PullWay.Walk);

                    Assert.True(
                        explained.Contains($"Scan using {index}", StringComparison.Ordinal) && !explained.Contains("Sort", StringComparison.Ordinal), $"{filter}\n{explained}");
                }

                await city.ExecuteAsync("VACUUM (ANALYZE) subject.complaint");
            }
        }
    }

    [Theory]
    [InlineData("title : \"漏水\"", true)]
    [InlineData("title : \"漏水\" AND fee > 1", true)]
    [InlineData("title : \"漏水\" OR title : \"停车\"", true)]
    [InlineData("title : \"漏水\" OR calls > 1", true)]
    [InlineData("title : \"漏水\" OR fee > 1", false)]
    [InlineData("NOT title : \"漏水\"", false)]
    [InlineData("calls > 1", true)]
    [InlineData("calls != 1", false)]
    [InlineData("NOT calls = 1", false)]
    [InlineData("calls : *", false)]
    [InlineData("fee > 1", false)]
    public async Task Pages_are_taken_from_indexes_only_where_they_propose_every_row(string filter, bool isProposed)
    {
        var plan = await city.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(
            City.Centre, City.Complaint, PlanAction.Pull, Exchange.Catalog.Purpose.Regulation, CancellationToken.None);

        var condition = ReadSelection.Filter(plan.Value.Plan, filter, FilterUse.Pull).Value;

        Assert.Equal(isProposed, new PullShape(new PullView(plan.Value, [0], condition, null)).IsProposed);
    }

    private static ImmutableSortedSet<string> Scan(List<string> texts, string term) =>
        [.. texts.Where(text => text.Contains(term, StringComparison.Ordinal))];

    private async Task<ImmutableSortedSet<string>> SearchAsync(string term)
    {
        var pulled = await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = $"title : \"{term}\"", Fields = { "title" },
        }));
        return [.. pulled.Rows.Select(row => row.Values[0].Text)];
    }

    // The way that a sample in which none passes leads to.
    private async Task<string> ExplainProposalsAsync(ReadPlan plan, string filter)
    {
        var shape = new PullShape(new PullView(plan, [0], ReadSelection.Filter(plan.Plan, filter, FilterUse.Pull).Value, null));
        var route = new PullRoute(shape, city.Log.Partitions.Records);
        Assert.Equal(PullWay.Look, route.Way);
        route.Decide(PullRoute.LookRows, 0, 500);
        return await ExplainAsync(PullStatement.Of(shape, route, await city.HeadsAsync(), PullRoute.Start(city.Log.Partitions.Records), 500), route.Way);
    }

    private async Task<string> ExplainAsync(SubjectSql statement, PullWay way)
    {
        await using var connection = await city.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var setting in PullPages.SettingsOf(way))
        {
            await using var set = new NpgsqlCommand(setting, connection, transaction);
            await set.ExecuteNonQueryAsync();
        }

        await using var command = statement.ToCommand(connection, transaction);
        command.CommandText = $"EXPLAIN {command.CommandText}";
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }

    private async Task PushAsync(List<string> texts)
    {
        foreach (var (index, chunk) in texts.Index().Chunk(500).Index())
        {
            var receipt = await city.PushAsync(
                City.Centre,
                city.Header(City.Centre, "title"),
                [.. chunk.Select(item => Pushed.Own($"search-{item.Index}", Pushed.Text(item.Item)))]);
            Assert.All(receipt.Results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
        }
    }

    // A text is the longest quoted cell of its row; no need for more of CSV here.
    private static IEnumerable<string> ReadTexts(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('"').Where(cell => cell.Length > 40).Select(cell => cell.Length <= 400 ? cell : cell[..400]).Distinct()];
    }
}
