using Exchange.Protos.V1;
using Exchange.Testing;

namespace Exchange.Server.Tests.Clients;

public sealed class CatalogCommandTests : IAsyncLifetime
{
    private const string Permit = """
        catalog: 1
        resources:
          - id: permit
            display_name: Building permits
            display_name_zh: 建筑许可
            abstract: Who may build what, where.
            department: housing
            category: "301001"
            update_cycle: daily
            format: database
            platform_modes: [api]
            contact: permit desk
            fields:
              - {name: permit_no, number: 1, type: text, owner: opener, level: 1, sharing: unconditional, open: unconditional, max_length: 100}
              - {name: applicant, number: 2, type: text, owner: opener, level: 3, sharing: not-shared, basis: law Archives Act 3, open: not-open, open_basis: sensitive a person's name}
        """;

    private CommandLineHub _hub = null!;
    private string[] _operator = [];
    private string[] _steward = [];

    public async ValueTask InitializeAsync()
    {
        _hub = await CommandLineHub.StartAsync("client_cli_catalog");
        _operator = await _hub.OperatorAsync();
        _steward = await _hub.CallerAsync("housing", Role.Steward);
        await _hub.WriteAsync("permit.yaml", Permit);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_draft_goes_from_a_file_to_the_catalog_and_out_of_it_again()
    {
        var saved = await OfDraftAsync(_steward, "save", "permit.yaml");
        var submitted = await OfDraftAsync(_steward, "submit", "permit");
        var own = await _hub.RunAsync(_steward, "catalog", "drafts", "approve", "permit", "--etag", submitted.Etag);
        var overwritten = await _hub.RunAsync(_steward, "catalog", "drafts", "save", "permit.yaml");
        var listed = await RunAsync(_operator, "catalog", "drafts", "list");
        var rejected = await OfDraftAsync(_operator, "reject", "permit", "--etag", submitted.Etag, "--reason", "say what it covers");
        await _hub.WriteAsync("permit.yaml", Permit.Replace("contact: permit desk", "contact: permit desk\n    coverage: the whole city", StringComparison.Ordinal));
        await OfDraftAsync(_steward, "save", "permit.yaml");
        var approved = await OfDraftAsync(_operator, "approve", "permit", "--etag", (await OfDraftAsync(_steward, "submit", "permit")).Etag);
        var shown = Resource.Parser.ParseJson(await RunAsync(_operator, "catalog", "show", "permit"));
        var compared = CompareResourceRevisionsResponse.Parser.ParseJson(await RunAsync(_operator, "catalog", "compare", "permit"));
        var people = (await _hub.RunAsync(_operator, "catalog", "show", "permit")).Output;
        var asked = ResourceRevocation.Parser.ParseJson(await RunAsync(_steward, "catalog", "revocations", "request", "permit", "--reason", "moved"));
        var revoked = Resource.Parser.ParseJson(await RunAsync(_operator, "catalog", "revocations", "approve", "permit", "--etag", asked.Etag));

        Assert.Equal((ResourceState.Draft, ResourceState.PublishReview, 0), (saved.State, submitted.State, saved.Violations.Count));
        Assert.NotEqual(0, own.ExitCode);
        Assert.Contains("FOUR_EYES", own.Error);
        Assert.Contains("--replace", overwritten.Error);
        Assert.Contains("resources/permit/draft", listed);
        Assert.Equal((ResourceState.PublishRejected, "say what it covers"), (rejected.State, rejected.RejectReason));
        Assert.Equal(ResourceState.Published, approved.State);
        Assert.Equal(("301001/2", "the whole city", ResourceState.Published), (shown.Code, shown.Coverage, shown.State));
        Assert.Equal("law Archives Act 3", $"{shown.Fields[1].Basis.Kind}".ToLowerInvariant() + " " + shown.Fields[1].Basis.Text);
        Assert.Contains("code", compared.Differences.Select(difference => difference.Path));
        Assert.Contains("301001/2", people);
        Assert.Contains("permit desk", people);
        Assert.Equal(("moved", ResourceState.Revoked), (asked.Reason, revoked.State));
    }

    [Fact]
    public async Task A_table_of_names_is_loaded_as_one_tree_and_the_same_again_changes_nothing()
    {
        await _hub.WriteAsync("tree.csv", "一级,二级\n城乡建设,安全生产\n城乡建设,城市管理\n教育,\n");
        string[] load = ["catalog", "load-categories", "tree.csv", "--root", "topics", "--name", "Topics", "--name-zh", "主题", "--columns", "一级,二级"];

        var first = await RunAsync(_operator, load);
        var again = await RunAsync(_operator, load);
        var listed = await RunAsync(_operator, "catalog", "categories");

        Assert.Equal(("{\"rows\":3,\"changed\":5}", "{\"rows\":3,\"changed\":0}"), (first.Trim(), again.Trim()));
        Assert.Contains("\"name\":\"categories/topics.01.02\",\"display_name\":\"城市管理\"", listed.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_petition_categories_are_loaded_as_one_tree()
    {
        if (SharedData.Find("data/cn-petition-2020/category_tree.csv.gz") is not { } file)
        {
            Assert.Skip("SKIPPED: ../shared/data is not here");
            return;
        }

        var loaded = await RunAsync(_operator, "catalog", "load-categories", file, "--root", "petition", "--name", "Petitions", "--columns", "一级分类,二级分类,三级分类");

        var listed = await RunAsync(_operator, "catalog", "categories");
        var tree = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Category.Parser.ParseJson)
            .Where(category => category.Name.StartsWith("categories/petition.", StringComparison.Ordinal)).ToList();
        Assert.Contains("\"rows\":517", loaded);
        Assert.Equal(15, tree.Count(category => category.Parent == "categories/petition"));
        Assert.Equal(517, tree.Count(category => category.Name.Count(letter => letter is '.') is 3));
    }

    private async Task<ResourceDraft> OfDraftAsync(string[] caller, params string[] arguments) => ResourceDraft.Parser.ParseJson(await RunAsync(caller, ["catalog", "drafts", .. arguments]));

    private async Task<string> RunAsync(string[] caller, params string[] arguments)
    {
        var run = await _hub.RunAsync(caller, [.. arguments, "--json"]);
        Assert.True(run.ExitCode is 0, run.Error);
        return run.Output;
    }
}
