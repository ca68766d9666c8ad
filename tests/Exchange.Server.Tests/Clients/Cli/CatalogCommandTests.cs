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
              - {name: permit_no, number: 1, type: text, owner: opener, level: 1, sharing: unconditional, open: unconditional, max_length: 100, quality: [required, "pattern [0-9]{4}-[0-9]+"]}
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
        var overwritten = await _hub.RunAsync(_steward, "catalog", "drafts", "save", "permit.yaml");
        var own = await _hub.RunAsync(_steward, "catalog", "drafts", "approve", "permit", "--etag", submitted.Etag);
        var approved = await OfDraftAsync(_operator, "approve", "permit", "--etag", submitted.Etag);
        var people = (await _hub.RunAsync(_operator, "catalog", "search", "建筑许可", "--owner", "housing", "--sharing", "not-shared")).Output;
        var shown = (await _hub.RunAsync(_operator, "catalog", "show", "permit")).Output;
        var asked = ResourceRevocation.Parser.ParseJson(await RunAsync(_steward, "catalog", "revocations", "request", "permit", "--reason", "moved"));
        var revoked = Resource.Parser.ParseJson(await RunAsync(_operator, "catalog", "revocations", "approve", "permit", "--etag", asked.Etag));

        Assert.Equal((ResourceState.Draft, ResourceState.PublishReview, 0), (saved.State, submitted.State, saved.Violations.Count));
        Assert.Contains("--replace", overwritten.Error);
        Assert.NotEqual(0, own.ExitCode);
        Assert.Contains("FOUR_EYES", own.Error);
        Assert.Equal(ResourceState.Published, approved.State);
        Assert.Contains("301001/2", people);
        Assert.Contains("建筑许可", people);
        Assert.Contains("pattern [0-9]{4}-[0-9]+", shown);
        Assert.Contains("nothing yet", shown);
        Assert.Equal(("moved", ResourceState.Revoked), (asked.Reason, revoked.State));
        Assert.Equal(("permit desk", "law Archives Act 3"), (revoked.Contact, $"{revoked.Fields[1].Basis.Kind}".ToLowerInvariant() + " " + revoked.Fields[1].Basis.Text));
    }

    [Fact]
    public async Task A_sheet_goes_out_and_comes_back_with_its_difference_first()
    {
        await RunAsync(_steward, "sharing-list", "export", "housing", "--resource", "complaint", "-o", "list.csv");
        var sheet = System.Text.Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_hub.PathOf("list.csv"), TestContext.Current.CancellationToken));
        await _hub.WriteAsync("list.csv", sheet.Replace("办理过程,TEXT,2,有条件共享,", "办理过程,TEXT,2,无条件共享,", StringComparison.Ordinal));

        var shown = await _hub.RunAsync(_steward, "sharing-list", "import", "housing", "list.csv");
        var etag = shown.Error[(shown.Error.IndexOf("--apply ", StringComparison.Ordinal) + 8)..].Split(' ')[0];
        var applied = ImportSharingListsResponse.Parser.ParseJson(await RunAsync(_steward, "sharing-list", "import", "housing", "list.csv", "--apply", etag));

        Assert.Equal(0xFEFF, sheet[0]);
        Assert.Contains("1 changes; --apply l", shown.Error);
        Assert.Contains("handling_steps", shown.Output);
        Assert.Equal((true, "handling_steps sharing_class CONDITIONAL UNCONDITIONAL"), (applied.Applied, applied.Differences.Select(one => $"{one.Field} {one.Part} {one.Before} {one.After}").Single()));
    }

    [Fact]
    public async Task What_sources_codes_mean_is_loaded_from_a_table_one_code_system_at_a_time()
    {
        await _hub.WriteAsync("first.csv", "source_code,code\n01,REGISTERED\n02,CONCLUDED\n");
        await _hub.WriteAsync("second.csv", "code_system,source_code,code\ncity-b,A,CONCLUDED\n");
        await _hub.WriteAsync("again.csv", "source_code,code,note\n03,CONCLUDED,renumbered\n");
        await _hub.WriteAsync("bad.csv", "code_system,source_code,code\ncity-b,,CONCLUDED\n");

        var first = await RunAsync(_operator, "catalog", "load-mappings", "order-status", "first.csv", "--code-system", "city-a");
        await RunAsync(_operator, "catalog", "load-mappings", "order-status", "second.csv");
        var again = await RunAsync(_operator, "catalog", "load-mappings", "order-status", "again.csv", "--code-system", "city-a");
        var same = await RunAsync(_operator, "catalog", "load-mappings", "order-status", "again.csv", "--code-system", "city-a");
        var bad = await _hub.RunAsync(_operator, "catalog", "load-mappings", "order-status", "bad.csv");
        var list = CodeList.Parser.ParseJson(await RunAsync(_operator, "catalog", "codes", "order-status"));
        var shown = await _hub.RunAsync(_operator, "catalog", "codes", "order-status");

        Assert.Contains("\"mappings\":2", first);
        Assert.Contains("\"changed\":true", again);
        Assert.Contains("\"changed\":false", same);
        Assert.NotEqual(0, bad.ExitCode);
        Assert.Contains("line 2: `source_code` is empty", bad.Error);
        Assert.Equal(["city-b A CONCLUDED", "city-a 03 CONCLUDED"], list.Mappings.Select(one => $"{one.CodeSystem} {one.SourceCode} {one.Code}"));
        Assert.Contains("city-b", shown.Output);
    }

    [Fact]
    public async Task The_petition_categories_are_loaded_as_one_tree()
    {
        if (SharedData.Find("data/cn-petition-2020/category_tree.csv.gz") is not { } file)
        {
            Assert.Skip("SKIPPED: ../shared/data is not here");
            return;
        }

        string[] load = ["catalog", "load-categories", file, "--root", "petition", "--name", "Petitions", "--columns", "一级分类,二级分类,三级分类"];
        var loaded = await RunAsync(_operator, load);
        var again = await RunAsync(_operator, load);

        var listed = await RunAsync(_operator, "catalog", "categories");
        var tree = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Category.Parser.ParseJson)
            .Where(category => category.Name.StartsWith("categories/petition.", StringComparison.Ordinal)).ToList();
        Assert.Contains("\"rows\":517", loaded);
        Assert.Contains("\"changed\":0", again);
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
