using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Exchange.Bench.Reporting;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Catalog;
using Exchange.Server.Catalog.Quality;
using Google.Protobuf;

namespace Exchange.Bench.Catalog;

/// <summary>
/// Questions to the one window among 50 000 entries of 500 departments, one after the other: what 99 of 100 answers take at most, from the request as a message to
/// the answer as bytes, without the network and the one statement that reads what was measured of a page.
/// </summary>
internal static class CatalogSearchBench
{
    private const string Name = "catalog-search";
    private const int Departments = 500;
    private const int Categories = 600;
    private const int Fields = 12;

    private static readonly string[] English = ["road", "lamp", "water", "pipe", "permit", "house", "noise", "school", "tree", "bus", "grid", "case", "visit", "tax", "health", "market"];
    private static readonly string[] Chinese = ["道路", "路灯", "供水", "管道", "许可", "房屋", "噪声", "学校", "树木", "公交", "网格", "案件", "走访", "税务", "卫生", "市场"];

    private static readonly ImmutableSortedDictionary<string, DateTimeOffset> Changes = ImmutableSortedDictionary<string, DateTimeOffset>.Empty.Add("d0", DateTimeOffset.UnixEpoch);

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        var entries = stage.Size(50_000, 5_000);
        var state = Found(entries);
        var search = new CatalogSearch(null!);
        var began = Stopwatch.GetTimestamp();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Ask(search, state, new SearchCatalogRequest());
        var (made, bytes) = (Stopwatch.GetElapsedTime(began), GC.GetTotalMemory(forceFullCollection: true) - before);
        BenchStage.Say($"{Name}: index of {entries} entries made in {made.TotalSeconds:0.0} s, {bytes / 1048576.0:0} MiB");
        var random = new Random(6);
        var rounds = await stage.MeasureAsync(Name, 1, async number =>
        {
            await Task.Yield();
            List<double> took = [];
            for (var question = 0; question < stage.Size(2_000, 500); question++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                Ask(search, state, Question(random));
                took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            took.Sort();
            return (new BenchRound(took[took.Count * 99 / 100], null), $"half of them {took[took.Count / 2]:0.0} ms at most, the longest {took[^1]:0.0}");
        });
        return [BenchResult.AtMost(Name, "ms p99", 100, rounds)];
    }

    private static void Ask(CatalogSearch search, GovernanceState state, SearchCatalogRequest request)
    {
        var caller = new Caller(new DepartmentId("d0"), new ClientId("c"), Exchange.Catalog.Role.DepartmentSystem);
        var (findings, known) = search.Find(state, request.ToQuery(caller).Value!);
        var measured = findings.Hits.Select(hit => hit.Resource).ToDictionary(id => id, id => new MeasuredResource(known.Resources[id.Value], [], null, false, Changes));
        findings.ToProto(known, measured, DateTimeOffset.UnixEpoch).ToByteArray();
    }

    private static SearchCatalogRequest Question(Random random)
    {
        var request = new SearchCatalogRequest
        {
            PageSize = random.Next(3) is 0 ? 500 : 50,
            Query = random.Next(6) switch
            {
                0 => "",
                1 => Chinese[random.Next(Chinese.Length)][..1],
                2 => English[random.Next(English.Length)][..2],
                3 => Chinese[random.Next(Chinese.Length)],
                4 => $"{English[random.Next(English.Length)]} {Chinese[random.Next(Chinese.Length)]}",
                _ => English[random.Next(English.Length)],
            },
        };
        if (random.Next(2) is 0)
        {
            request.Facets.Add(new FacetValue { Facet = Facet.Level, Value = random.Next(1, 5).ToString(CultureInfo.InvariantCulture) });
            request.Facets.Add(new FacetValue { Facet = Facet.Category, Value = $"categories/t.{random.Next(Categories)}" });
            request.Facets.Add(new FacetValue { Facet = Facet.Category, Value = $"categories/t.{random.Next(Categories)}" });
        }

        return request;
    }

    private static GovernanceState Found(int entries)
    {
        var state = GovernanceState.Empty;
        var random = new Random(7);
        for (var number = 0; number < Departments; number++)
        {
            Happens(new GovernanceEvent.DepartmentRegistered(new()
            {
                Id = new($"d{number}"), DisplayName = $"Department {number}", DisplayNameZh = $"第{number}局", Level = Exchange.Catalog.AdministrativeLevel.City,
            }));
        }

        Happens(new GovernanceEvent.CategoriesDefined(
        [
            new() { Code = new("t"), DisplayName = "Topics", DisplayNameZh = "主题" },
            .. Enumerable.Range(0, Categories).Select(number => new Exchange.Catalog.Category { Code = new($"t.{number}"), DisplayName = $"Topic {number}", DisplayNameZh = $"主题{number}", Parent = new CategoryCode("t") }),
        ]));
        for (var number = 0; number < entries; number++)
        {
            Happens(new GovernanceEvent.ResourcePublished(new ResourceDefinition(new($"r{number}"), 1, Enumerable.Range(1, Fields).Select(field => FieldOf(field, random)))
            {
                DisplayName = $"{Pick(English)} {Pick(English)} {number}",
                DisplayNameZh = $"{Pick(Chinese)}{Pick(Chinese)}记录",
                Abstract = $"{Pick(English)} and {Pick(English)} of the city, {Pick(Chinese)}、{Pick(Chinese)}与{Pick(Chinese)}的登记和处理结果",
                Department = new($"d{random.Next(Departments)}"),
                Category = new CategoryCode($"t.{random.Next(Categories)}"),
                UpdateCycle = (Exchange.Catalog.UpdateCycle)random.Next(1, 10),
            }));
        }

        return state;

        void Happens(GovernanceEvent happened) => state = state.Apply(happened, state.Position + 1);

        string Pick(string[] words) => words[random.Next(words.Length)];
    }

    private static FieldDefinition FieldOf(int number, Random random) => new()
    {
        Name = $"{English[random.Next(English.Length)]}_{number}",
        Number = number,
        Type = Exchange.Policy.Conditions.FieldType.Text,
        DisplayName = $"{English[random.Next(English.Length)]} {number}",
        DisplayNameZh = $"{Chinese[random.Next(Chinese.Length)]}{Chinese[random.Next(Chinese.Length)]}",
        Owner = new Exchange.Catalog.OwnerRule.Opener(),
        Level = (Exchange.Catalog.Level)random.Next(1, 5),
        SharingClass = (Exchange.Catalog.SharingClass)random.Next(1, 4),
        OpenClass = (Exchange.Catalog.OpenClass)random.Next(1, 4),
    };
}
