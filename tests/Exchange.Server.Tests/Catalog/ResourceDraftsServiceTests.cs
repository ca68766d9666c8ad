using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Catalog;

public sealed class ResourceDraftsServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    private static readonly (StatusCode, string) Hidden = (StatusCode.NotFound, "DRAFT_NOT_FOUND");

    [Fact]
    public async Task A_steward_s_draft_is_published_by_another_steward_of_its_department()
    {
        using var second = await hub.It.RegisterAsync("hotline", "second-steward", Role.Steward);
        var saved = await SaveAsync(Resource("drafted", Field("title", 1), Field("note", 2)));
        var before = await TestStatus.RefusalOf(async () => await CatalogOf(hub.Roads).GetResourceAsync(new GetResourceRequest { Name = "resources/drafted" }));
        var submitted = await SubmitAsync("drafted");
        var byAuthor = await TestStatus.RefusalOf(() => ReviewAsync(hub.HotlineSteward, submitted));
        var stale = await TestStatus.RefusalOf(() => ReviewAsync(second, saved));
        var approved = await ReviewAsync(second, submitted);
        var published = await CatalogOf(hub.Roads).GetResourceAsync(new GetResourceRequest { Name = "resources/drafted" });

        Assert.Equal((ResourceState.Draft, ResourceState.PublishReview, ResourceState.Published), (saved.State, submitted.State, approved.State));
        Assert.Equal("hotline-steward", submitted.Submitter);
        Assert.Contains("fields[note]", saved.Differences.Select(difference => difference.Path));
        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), before);
        Assert.Equal((StatusCode.PermissionDenied, "FOUR_EYES"), byAuthor);
        Assert.Equal((StatusCode.Aborted, "STALE_ETAG"), stale);
        Assert.Equal((1, ResourceState.Published), (published.Revision, published.State));
        Assert.Equal(2L, await CountAsync("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'subject' AND table_name = 'drafted' AND column_name IN ('title', 'note')"));
        Assert.Equal(Hidden, await TestStatus.RefusalOf(() => GetAsync(hub.HotlineSteward, "drafted")));
    }

    [Fact]
    public async Task The_operator_reviews_and_a_rejected_draft_comes_back_with_the_reason()
    {
        await SaveAsync(Resource("rejected", Field("title", 1)));
        var submitted = await SubmitAsync("rejected");

        var rejected = await ReviewAsync(hub.It.Operator, submitted, ReviewVerdict.Reject, "whom does one ask?");
        var listed = await DraftsOf(hub.HotlineSteward).ListResourceDraftsAsync(new ListResourceDraftsRequest { State = ResourceState.PublishRejected });
        await SaveAsync(Resource("rejected", Field("title", 1)).With(resource => resource.Contact = "data desk"));
        var approved = await ReviewAsync(hub.It.Operator, await SubmitAsync("rejected"));

        Assert.Equal((ResourceState.PublishRejected, "whom does one ask?"), (rejected.State, rejected.RejectReason));
        Assert.Equal(["resources/rejected/draft"], listed.Drafts.Select(draft => draft.Name));
        Assert.Equal("data desk", (await CatalogOf(hub.Roads).GetResourceAsync(new GetResourceRequest { Name = "resources/rejected" })).Contact);
        Assert.Equal(ResourceState.Published, approved.State);
    }

    [Fact]
    public async Task A_draft_is_there_for_its_department_and_the_operator_only_and_its_id_is_nobody_else_s()
    {
        await SaveAsync(Resource("secretive", Field("title", 1)));
        var elsewhere = Resource("secretive", Field("title", 1)).With(resource => resource.Department = "departments/roads");

        foreach (var client in (TestClient[])[hub.RoadSteward, hub.Roads, hub.Hotline])
        {
            Assert.Equal(Hidden, await TestStatus.RefusalOf(() => GetAsync(client, "secretive")));
            Assert.Equal(Hidden, await TestStatus.RefusalOf(async () => await DraftsOf(client).SubmitResourceDraftAsync(new() { Name = "resources/secretive/draft" })));
            Assert.Equal(Hidden, await TestStatus.RefusalOf(async () => await DraftsOf(client).DeleteResourceDraftAsync(new() { Name = "resources/secretive/draft" })));
            Assert.Equal(Hidden, await TestStatus.RefusalOf(() => ReviewAsync(client, new ResourceDraft { Name = "resources/secretive/draft", Etag = "p1" })));
            Assert.DoesNotContain("resources/secretive/draft", (await DraftsOf(client).ListResourceDraftsAsync(new())).Drafts.Select(draft => draft.Name));
        }

        Assert.Equal(ResourceState.Draft, (await GetAsync(hub.It.Operator, "secretive")).State);
        Assert.Equal((StatusCode.AlreadyExists, "RESOURCE_TAKEN"), await TestStatus.RefusalOf(() => SaveAsync(elsewhere, hub.RoadSteward)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => SaveAsync(Resource("by_machine", Field("title", 1)), hub.Hotline)));
        Assert.Equal(Hidden, await TestStatus.RefusalOf(() => ReviewAsync(hub.It.Operator, new ResourceDraft { Name = "resources/never/draft", Etag = "p1" })));
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM catalog.publication WHERE resource IN ('never', 'secretive')"));
    }

    [Fact]
    public async Task An_unfinished_draft_is_kept_with_all_that_is_missing()
    {
        var saved = await SaveAsync(Resource("unfinished").With(resource => resource.Abstract = ""));

        Assert.Equal(["resource.abstract", "resource.fields"], saved.Violations.Select(violation => violation.Field));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => SubmitAsync("unfinished")));
        Assert.Equal("resource TOO_LARGE", await TestStatus.ViolationOf(() => SaveAsync(Resource("large", Field("title", 1)).With(resource => resource.Abstract = new string('x', 1 << 20)))));
    }

    [Fact]
    public async Task What_is_only_described_has_no_table_and_is_neither_pushed_nor_read()
    {
        await hub.PublishAsync(Resource("by_mail", Field("title", 1)).With(resource =>
            (resource.Format, resource.SharingMode, resource.Contact) = (ResourceFormat.Spreadsheet, SharingMode.Mail, "statistics desk")));

        var read = await TestStatus.RefusalOf(async () => await AccessOf(hub.Roads).GetAccessPlanAsync(new() { Resource = "resources/by_mail", Purpose = Purpose.Analysis }));
        var push = await TestStatus.RefusalOf(async () => await new RecordsService.RecordsServiceClient(hub.Hotline.Invoker).PushBatchAsync(new()
        {
            Header = new() { Resource = "resources/by_mail", SourceSystem = "hotline-desk", Fields = { "title" }, PushId = "p" }, Batch = new(),
        }));

        Assert.Equal((StatusCode.FailedPrecondition, "NOT_MOUNTED"), read);
        Assert.Contains(push.Reason, (string[])["NOT_MOUNTED", "NOT_OWN_SOURCE_SYSTEM"]);
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'subject' AND table_name = 'by_mail'"));
    }

    [Fact]
    public async Task Revisions_are_listed_newest_first_and_compared_field_by_field()
    {
        var first = await hub.PublishAsync(Resource("history", Field("title", 1), Field("note", 2)));
        await hub.PublishAsync(first.With(resource => (resource.Abstract, resource.Etag) = ("Said better", "")));
        await hub.PublishAsync(Resource("history", Field("title", 1).With(field => field.Level = Level.Internal), Field("note", 2), Field("fee", 3, FieldType.Decimal)));

        var firstPage = await CatalogOf(hub.Roads).ListResourceRevisionsAsync(new() { Parent = "resources/history", PageSize = 2 });
        var lastPage = await CatalogOf(hub.Roads).ListResourceRevisionsAsync(new() { Parent = "resources/history", PageSize = 2, PageToken = firstPage.NextPageToken });
        var newest = await CatalogOf(hub.Roads).CompareResourceRevisionsAsync(new() { Name = "resources/history" });
        var whole = await CatalogOf(hub.Roads).CompareResourceRevisionsAsync(new() { Name = "resources/history", FromRevision = 1, ToRevision = 2 });
        var everything = await CatalogOf(hub.Roads).CompareResourceRevisionsAsync(new() { Name = "resources/history", ToRevision = 1 });

        Assert.Equal([3, 2, 1], firstPage.Revisions.Concat(lastPage.Revisions).Select(revision => revision.Revision));
        Assert.Equal("", lastPage.NextPageToken);
        Assert.Equal((2, 3), (newest.FromRevision, newest.ToRevision));
        Assert.Equal(["abstract", "fields[title].level", "fields[fee]"], newest.Differences.Select(difference => difference.Path));
        Assert.Equal(("\"LEVEL_PUBLIC\"", "\"LEVEL_INTERNAL\""), (newest.Differences[1].Before, newest.Differences[1].After));
        Assert.Equal(new ResourceDifference { Path = "abstract", Before = "\"What citizens ask\"", After = "\"Said better\"" }, Assert.Single(whole.Differences));
        Assert.Equal((0, 1), (everything.FromRevision, everything.ToRevision));
        Assert.Contains(everything.Differences, difference => difference is { Path: "fields[title]", Before: "" });
        Assert.Equal((StatusCode.OutOfRange, "REVISION_NOT_FOUND"), await TestStatus.RefusalOf(async () => await CatalogOf(hub.Roads).CompareResourceRevisionsAsync(new() { Name = "resources/history", ToRevision = 4 })));
        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), await TestStatus.RefusalOf(async () => await CatalogOf(hub.Roads).ListResourceRevisionsAsync(new() { Parent = "resources/nothing" })));
        Assert.Equal((1, 3), await NumbersAsync(1, 0));
        Assert.Equal((1, 3), await NumbersAsync(1, 3));

        async Task<(int, int)> NumbersAsync(int from, int to)
        {
            var compared = await CatalogOf(hub.Roads).CompareResourceRevisionsAsync(new() { Name = "resources/history", FromRevision = from, ToRevision = to });
            Assert.Equal(["fields[title].level", "fields[fee]"], compared.Differences.Select(difference => difference.Path));
            return (compared.FromRevision, compared.ToRevision);
        }
    }

    [Fact]
    public async Task Everything_of_a_resource_s_life_is_there_after_a_restart()
    {
        await using var other = await TestHub.StartAsync("drafts_restart");
        using var steward = await other.RegisterAsync("hotline", "hotline-steward", Role.Steward);
        var drafts = DraftsOf(steward);
        await drafts.SaveResourceDraftAsync(new() { Resource = Resource("lasting", Field("title", 1)) });
        var submitted = await drafts.SubmitResourceDraftAsync(new() { Name = "resources/lasting/draft" });

        await other.RestartAsync();

        Assert.Equal(submitted, await DraftsOf(steward).GetResourceDraftAsync(new() { Name = "resources/lasting/draft" }, new CallOptions().WithWaitForReady()));
    }

    private Task<ResourceDraft> SaveAsync(Resource resource, TestClient? by = null) =>
        DraftsOf(by ?? hub.HotlineSteward).SaveResourceDraftAsync(new() { Resource = resource }).ResponseAsync;

    private Task<ResourceDraft> SubmitAsync(string id) => DraftsOf(hub.HotlineSteward).SubmitResourceDraftAsync(new() { Name = $"resources/{id}/draft" }).ResponseAsync;

    private static Task<ResourceDraft> GetAsync(TestClient client, string id) => DraftsOf(client).GetResourceDraftAsync(new() { Name = $"resources/{id}/draft" }).ResponseAsync;

    private static Task<ResourceDraft> ReviewAsync(TestClient client, ResourceDraft draft, ReviewVerdict verdict = ReviewVerdict.Approve, string reason = "") =>
        DraftsOf(client).ReviewResourceDraftAsync(new() { Name = draft.Name, Etag = draft.Etag, Verdict = verdict, Reason = reason }).ResponseAsync;

    private async Task<long> CountAsync(string sql)
    {
        await using var command = hub.It.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
