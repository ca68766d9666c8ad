using System.Collections.Immutable;
using System.Globalization;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Tests.Catalog;

public class CatalogIndexTests
{
    private static readonly string[] Words = ["road", "roads", "lamp", "water", "pipe", "complaint", "漏水", "路灯", "诉求", "水管"];

    private static GovernanceState State { get; } = City.State.After(CategoryRules.Define(City.State,
    [
        new() { Code = new("topics"), DisplayName = "Topics", DisplayNameZh = "主题" },
        new() { Code = new("topics.01"), DisplayName = "Traffic", DisplayNameZh = "交通", Parent = new("topics") },
        new() { Code = new("topics.02"), DisplayName = "Housing", DisplayNameZh = "住房", Parent = new("topics") },
    ]));

    private static ResourceDefinition Entry(
        string id, string name, string nameZh = "", string about = "nothing else", string category = "topics.01", Level level = Level.Public, SharingClass sharing = SharingClass.Unconditional,
        UpdateCycle cycle = UpdateCycle.Daily, DepartmentId? department = null, string field = "number_of_case") =>
        new(new(id), 1, [City.Field(field, 1, FieldType.Text, level: level, sharing: sharing) with { DisplayNameZh = "案件编号" }])
        {
            DisplayName = name, DisplayNameZh = nameZh, Abstract = about, Department = department ?? City.Hotline, Category = new(category), UpdateCycle = cycle,
        };

    private static CatalogIndex Of(params ResourceDefinition[] entries)
    {
        var index = new CatalogIndex();
        foreach (var entry in entries)
        {
            index.Put(CatalogEntry.Of(State, entry, []));
        }

        return index;
    }

    private static string Found(CatalogIndex index, string text = "", params (CatalogFacet, string)[] values) => Ids(index.Find(new CatalogQuery { Text = text, Values = [.. values], Size = 500 }));

    private static string Ids(CatalogFindings findings) => string.Join(' ', findings.Hits.Select(hit => hit.Resource));

    [Fact]
    public void Words_are_found_in_names_fields_abstracts_and_categories_the_best_place_first()
    {
        var index = Of(Entry("about", "Other", about: "what roads need"), Entry("named", "Roads"), Entry("parks", "Parks"), Entry("places", "Places", about: "x", field: "roads"));

        Assert.Equal("named places about", Found(index, "roads"));
        Assert.Equal("about named parks places", Found(index, "traffic"));
        Assert.Equal("about named parks places", Found(index, "交通"));
        Assert.Equal("", Found(index, "roads parks"));
        Assert.Equal("", Found(index, "、、"));
    }

    [Fact]
    public void Latin_words_are_found_while_they_are_typed_the_whole_word_first()
    {
        var index = Of(Entry("longer", "Complaints"), Entry("whole", "Compl"), Entry("other", "Company"));

        Assert.Equal("whole longer", Found(index, "COMPL"));
        Assert.Equal("longer", Found(index, "complaint"));
        Assert.Equal("", Found(index, "c"));
    }

    [Fact]
    public void Chinese_is_found_by_pairs_of_neighbours_and_by_a_single_character()
    {
        var index = Of(Entry("leak", "A", "小区漏水"), Entry("lamp", "B", "路灯不亮"));

        Assert.Equal("leak", Found(index, "漏水"));
        Assert.Equal("leak", Found(index, "区漏水"));
        Assert.Equal("lamp", Found(index, "灯"));
        Assert.Equal("", Found(index, "水漏"));
        Assert.Equal("lamp leak", Found(index, "案件编号"));
    }

    [Fact]
    public void One_facet_s_values_are_alternatives_and_several_facets_all_hold()
    {
        var index = Of(
            Entry("a", "A", category: "topics.01", level: Level.Public),
            Entry("b", "B", category: "topics.02", level: Level.Sensitive, cycle: UpdateCycle.Yearly),
            Entry("c", "C", category: "topics.02", level: Level.Public, department: City.Roads));

        Assert.Equal("a b c", Found(index, "", (CatalogFacet.Category, "topics")));
        Assert.Equal("b c", Found(index, "", (CatalogFacet.Category, "topics.02")));
        Assert.Equal("a b c", Found(index, "", (CatalogFacet.Level, "1"), (CatalogFacet.Level, "3")));
        Assert.Equal("c", Found(index, "", (CatalogFacet.Category, "topics.02"), (CatalogFacet.Level, "1")));
        Assert.Equal("c", Found(index, "", (CatalogFacet.Owner, "road-office")));
        Assert.Equal("b", Found(index, "", (CatalogFacet.UpdateCycle, "7")));
        Assert.Equal("", Found(index, "", (CatalogFacet.Owner, "nobody")));
    }

    [Fact]
    public void Counts_of_a_facet_keep_the_other_wishes_and_not_its_own()
    {
        var index = Of(Entry("a", "A"), Entry("b", "B", category: "topics.02", level: Level.Sensitive), Entry("c", "C", category: "topics.02"));

        var found = index.Find(new CatalogQuery { Values = [(CatalogFacet.Level, "3")], Size = 10 });

        Assert.Equal(1, found.Total);
        Assert.Equal(["1 2", "3 1"], Counts(found, CatalogFacet.Level));
        Assert.Equal(["topics 1", "topics.02 1"], Counts(found, CatalogFacet.Category));
    }

    [Fact]
    public void What_departments_share_otherwise_counts_too()
    {
        var entry = Entry("a", "A");
        var list = new SharingList
        {
            Department = City.Forum,
            Resource = entry.Id,
            Revision = 1,
            Entries = [new() { FieldNumber = 1, Level = Level.Sensitive, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.Conditional }],
        };
        var index = new CatalogIndex();
        index.Put(CatalogEntry.Of(State, entry, [list]));

        Assert.Equal("a", Found(index, "", (CatalogFacet.SharingClass, "2"), (CatalogFacet.Level, "3"), (CatalogFacet.OpenClass, "2")));
        Assert.Equal("a", Found(index, "", (CatalogFacet.SharingClass, "1"), (CatalogFacet.OpenClass, "3")));
    }

    [Fact]
    public void Drafts_are_found_by_those_who_keep_them_only()
    {
        var index = Of(Entry("known", "Known"));
        index.Put(CatalogEntry.Of(State, Entry("secret", "Secret", department: City.Roads), [], isDraft: true));

        Assert.Equal("known", Found(index));
        Assert.Equal("known", Ids(index.Find(new CatalogQuery { Size = 10, DraftsOf = City.Hotline })));
        Assert.Equal("known secret", Ids(index.Find(new CatalogQuery { Size = 10, DraftsOf = City.Roads })));
        Assert.Equal("known secret", Ids(index.Find(new CatalogQuery { Size = 10, AllDrafts = true })));
        Assert.Equal(["hotline-12345 1"], Counts(index.Find(new CatalogQuery { Size = 10 }), CatalogFacet.Owner));
        Assert.Equal("", Found(index, "secret"));
    }

    [Fact]
    public void An_index_that_lived_through_many_changes_answers_as_a_new_one_and_as_a_plain_search_does()
    {
        var random = new Random(20261123);
        var index = new CatalogIndex();
        Dictionary<string, ResourceDefinition> entries = [];
        for (var round = 0; round < 8_000; round++)
        {
            var id = $"r{random.Next(1_500)}";
            if (random.Next(3) is 0)
            {
                index.Remove(new(id));
                entries.Remove(id);
                continue;
            }

            var entry = entries[id] = Entry(
                id, Pick(random), Pick(random), $"{Pick(random)} {Pick(random)}", random.Next(2) is 0 ? "topics.01" : "topics.02", (Level)random.Next(1, 5),
                (SharingClass)random.Next(1, 4), (UpdateCycle)random.Next(1, 10), random.Next(2) is 0 ? City.Hotline : City.Roads);
            index.Put(CatalogEntry.Of(State, entry, []));
        }

        var anew = Of([.. entries.Values]);
        Assert.Equal(entries.Count, index.Count);
        for (var question = 0; question < 300; question++)
        {
            ImmutableArray<(CatalogFacet, string)> values = random.Next(3) is 0 ? [] : [(CatalogFacet.Level, Number(random.Next(1, 5))), (CatalogFacet.Owner, City.Roads.Value)];
            var query = new CatalogQuery { Text = random.Next(4) is 0 ? "" : $"{Pick(random)} {(random.Next(3) is 0 ? Pick(random) : "")}", Values = values, Size = 5_000 };

            var (here, there) = (index.Find(query), anew.Find(query));

            Assert.Equal(there.Hits, here.Hits);
            Assert.Equal(there.Facets, here.Facets);
            Assert.Equal(Plainly(entries.Values, query), here.Hits.Select(hit => hit.Resource.Value).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Pages_follow_each_other_without_a_gap_and_the_last_says_so()
    {
        var index = Of([.. Enumerable.Range(0, 25).Select(number => Entry($"r{number:D2}", number % 3 is 0 ? "Roads" : "Other", about: "roads of the city"))]);
        List<CatalogHit> seen = [];
        CatalogFindings page;
        do
        {
            page = index.Find(new CatalogQuery { Text = "roads", Size = 10, After = seen is [.., var last] ? last : null });
            Assert.Equal(25, page.Total);
            seen.AddRange(page.Hits);
        }
        while (page.HasMore);

        Assert.Equal(index.Find(new CatalogQuery { Text = "roads", Size = 100 }).Hits, seen);
        Assert.Equal(25, seen.Count);
        Assert.Equal(seen.Order(CatalogHit.ByRank), seen);
    }

    private static IEnumerable<string> Plainly(IEnumerable<ResourceDefinition> entries, CatalogQuery query) => entries
        .Where(entry => query.Values.All(value => value.Facet is CatalogFacet.Level ? Number((int)entry.Fields[0].Level) == value.Value : entry.Department.Value == value.Value))
        .Where(entry => query.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Texts(entry).Any(text => text.StartsWith(word, StringComparison.Ordinal))))
        .Select(entry => entry.Id.Value)
        .Order(StringComparer.Ordinal);

    // Departments are called by their ids here.
    private static string[] Texts(ResourceDefinition entry) => $"{entry.DisplayName} {entry.DisplayNameZh} {entry.Abstract} {entry.Department}".Split(' ', '-');

    private static string Pick(Random random) => Words[random.Next(Words.Length)];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Counts(CatalogFindings findings, CatalogFacet facet) =>
        findings.Facets.Where(count => count.Facet == facet).Select(count => $"{count.Value} {count.Count}");
}
