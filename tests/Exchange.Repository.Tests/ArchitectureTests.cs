using System.Text.RegularExpressions;

namespace Exchange.Repository.Tests;

/// <summary>What ARCHITECTURE.md names is there, and what is there it names.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Architecture = Checkout.Read("ARCHITECTURE.md");

    private static IEnumerable<string> Projects => Checkout.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void Every_folder_and_file_it_names_exists()
    {
        var named = NamedPaths().ToList();

        Assert.NotEmpty(named);
        Assert.All(named, path => Assert.True(Path.Exists(Path.Combine(Checkout.Root, path)), $"{path} does not exist"));
    }

    [Fact]
    public void Every_project_it_names_exists()
    {
        var existing = Projects.Select(path => Path.GetFileNameWithoutExtension(path)).ToHashSet();

        var named = Regex.Matches(Architecture, @"\b(Exchange\.[A-Z]\w+(\.Tests)?|Grpc\.(Core\.Api|Net\.Common)(\.Tests)?)(?![\w.]*\w)").Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, existing));
    }

    [Fact]
    public void It_names_every_project_that_is_not_a_test()
    {
        var projects = Projects.Where(path => !path.StartsWith("tests/", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension);

        Assert.All(projects, name => Assert.Contains(name!, Architecture));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Checkout.Read("DataExchange.sln").Replace('\\', '/');

        Assert.All(Projects, path => Assert.Contains($"\"{path}\"", solution));
    }

    [Fact]
    public void Dependencies_point_one_way()
    {
        // DESIGN section 3: Server → (Catalog, EventStore, Policy); Catalog → Policy; Clients → Protos. Nothing points back.
        var allowed = new Dictionary<string, string[]>
        {
            ["Exchange.Policy"] = [],
            ["Exchange.Catalog"] = ["Exchange.Policy"],
            ["Exchange.EventStore"] = [],
            ["Exchange.Server"] = ["Exchange.Catalog", "Exchange.EventStore", "Exchange.Policy", "Exchange.Protos"],
            ["Exchange.Clients"] = ["Exchange.Protos"],
            ["Exchange.Cli"] = ["Exchange.Clients", "Exchange.Protos"],
        };

        var wrong = Projects.Where(path => path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(path => References(path).Select(to => (From: Path.GetFileNameWithoutExtension(path), To: to)))
            .Where(reference => !allowed[reference.From].Contains(reference.To));

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> References(string project) =>
        Regex.Matches(Checkout.Read(project), @"<ProjectReference Include=""[^""]*?([^/""]+)\.csproj""").Select(match => match.Groups[1].Value);

    /// <summary>Words in backticks or in the tree that are paths: they hold a `/`, or stand first in a line of the tree.</summary>
    private static IEnumerable<string> NamedPaths()
    {
        var tree = Regex.Match(Architecture, "```tree\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var inTree = tree.Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(line => Regex.Match(line, @"^[^\s,]+(, [^\s,]+)*").Value.Split(", "));
        var inText = Regex.Matches(Architecture.Replace(tree, ""), "`([A-Za-z.][A-Za-z0-9_.-]*/[A-Za-z0-9_./-]*)`").Select(match => match.Groups[1].Value);
        return inTree.Concat(inText).Select(path => path.TrimEnd('/')).Distinct();
    }
}
