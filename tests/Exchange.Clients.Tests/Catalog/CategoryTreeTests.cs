using Exchange.Clients.Catalog;
using Exchange.Protos.V1;
using Exchange.Testing;

namespace Exchange.Clients.Tests.Catalog;

public class CategoryTreeTests
{
    private static readonly Category Root = new() { Name = "categories/petition", DisplayName = "Petitions", DisplayNameZh = "信访" };

    [Fact]
    public void Paths_become_one_tree_with_parents_first()
    {
        var tree = CategoryTree.Plan(Root, [], [["Roads", "Lamps", "Broken"], ["Roads", "Lamps", "Dark"], ["Water"], ["Roads", "Holes"]]);

        Assert.Equal(
            [
                "petition ", "petition.01 petition", "petition.01.01 petition.01", "petition.01.01.01 petition.01.01", "petition.01.01.02 petition.01.01", "petition.02 petition",
                "petition.01.02 petition.01",
            ],
            tree.Select(category => $"{category.Name["categories/".Length..]} {(category.Parent.Length > 0 ? category.Parent["categories/".Length..] : "")}"));
    }

    [Fact]
    public void A_longer_table_later_adds_and_what_is_there_keeps_its_code()
    {
        var first = CategoryTree.Plan(Root, [], [["Roads", "Lamps"], ["Water"]]);

        var later = CategoryTree.Plan(Root, first, [["Parks"], ["Water", "Leaks"], ["Roads", "Lamps"]]);

        Assert.Equal(["categories/petition.03 Parks", "categories/petition.02.01 Leaks"], later.Select(category => $"{category.Name} {category.DisplayName}"));
        Assert.Empty(CategoryTree.Plan(Root, [.. first, .. later], [["Roads", "Lamps"], ["Parks"]]));
    }

    [Fact]
    public async Task The_petition_categories_are_one_tree_of_three_levels()
    {
        if (SharedData.Find("data/cn-petition-2020/category_tree.csv.gz") is not { } file)
        {
            Assert.Skip("SKIPPED: ../shared/data is not here");
            return;
        }

        var paths = await CategoryTree.ReadAsync(file, ["一级分类", "二级分类", "三级分类"], TestContext.Current.CancellationToken);
        var tree = CategoryTree.Plan(Root, [], paths);

        var known = tree.Select(category => category.Name).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(517, paths.Count);
        Assert.Equal(15, tree.Count(category => category.Parent == Root.Name));
        Assert.All(tree.Skip(1), category => Assert.Contains(category.Parent, known));
        Assert.Equal(paths.Select(path => string.Join('/', path)).Distinct().Count(), tree.Count(category => category.Name.Count(letter => letter is '.') is 3));
    }

    [Fact]
    public async Task A_row_with_a_hole_is_refused_with_its_line()
    {
        var file = Path.GetTempFileName() + ".csv";
        await File.WriteAllTextAsync(file, "a,b,c\nRoads,,Lamps\n", TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<Exchange.Clients.Files.SourceFileException>(() => CategoryTree.ReadAsync(file, ["a", "b", "c"], TestContext.Current.CancellationToken));

        Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
        File.Delete(file);
    }
}
