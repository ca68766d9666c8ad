using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using Code = Exchange.Protos.V1.Code;

namespace Exchange.Server.Tests.Catalog;

public sealed class CatalogServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    [Fact]
    public async Task Publishing_a_resource_makes_its_subject_table_and_a_revision_extends_it()
    {
        var first = await hub.PublishAsync(Resource("tickets", Field("title", 1), Field("status", 2, FieldType.Code).With(field => field.CodeList = "codeLists/status")));
        var second = await hub.PublishAsync(first.With(resource => resource.Fields.Add(Field("due_on", 3, FieldType.Date))));

        Assert.Equal((1, 2, "r2"), (first.Revision, second.Revision, second.Etag));
        Assert.Equal(["title", "status", "due_on"], (await ColumnsAsync("tickets")).Where(column => column is "title" or "status" or "due_on"));
        var read = await CatalogOf(hub.Roads).GetResourceAsync(new GetResourceRequest { Name = "resources/tickets" });
        Assert.Equal(second, read);
    }

    [Fact]
    public async Task The_same_definition_again_changes_nothing()
    {
        var first = await hub.PublishAsync(Resource("same", Field("title", 1)));

        Assert.Equal(first, await hub.PublishAsync(Resource("same", Field("title", 1))));
    }

    [Fact]
    public async Task A_breaking_change_is_refused_with_every_reason_and_touches_no_table()
    {
        var published = await hub.PublishAsync(Resource("stable", Field("title", 1), Field("note", 2), Field("count", 3, FieldType.Integer)));
        var next = Resource("stable", Field("headline", 1), Field("count", 3, FieldType.Decimal), Field("fresh", 4));

        var exception = await Assert.ThrowsAsync<RpcException>(() => hub.PublishAsync(next));

        Assert.Equal((StatusCode.FailedPrecondition, "BREAKING_CHANGE"), (exception.StatusCode, exception.Reason()));
        Assert.Equal(
            ["title NUMBER_REUSED", "note FIELD_REMOVED", "count TYPE_CHANGED"],
            exception.Detail<PreconditionFailure>()!.Violations.Select(violation => $"{violation.Subject} {violation.Type}"));
        Assert.DoesNotContain("fresh", await ColumnsAsync("stable"));
        Assert.Equal(published, await CatalogOf(hub.Hotline).GetResourceAsync(new GetResourceRequest { Name = "resources/stable" }));
    }

    [Fact]
    public async Task A_bad_resource_is_refused_with_every_bad_field()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => hub.PublishAsync(Resource(
            "bad", Field("A", 0), Field("b", 2).With(field => field.Owner = null), Field("b", 2).With(field => field.Owner.Opener = false))));

        Assert.Equal(
            [
                "resource.fields[0].name INVALID_ID", "resource.fields[0].number OUT_OF_RANGE", "resource.fields[1].owner REQUIRED",
                "resource.fields[2].name DUPLICATE", "resource.fields[2].number DUPLICATE", "resource.fields[2].owner REQUIRED",
            ],
            exception.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}"));
    }

    [Theory]
    [InlineData("a", 100_000)]
    [InlineData("\0", 1)]
    [InlineData("A b", 1)]
    public async Task A_resource_with_an_id_that_is_none_is_refused_and_leaves_no_trace(string id, int times)
    {
        var random = string.Concat(Enumerable.Range(0, times).Select(number => id + number));

        var refusal = await TestStatus.RefusalOf(() => hub.PublishAsync(Resource(random, Field("title", 1))));

        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), refusal);
        await using var command = hub.It.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT count(*) FROM catalog.publication WHERE length(resource) > 60 OR resource !~ '^[a-z]'");
        Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stale_etag_is_aborted()
    {
        await hub.PublishAsync(Resource("etags", Field("title", 1)));

        var refusal = await TestStatus.RefusalOf(() => hub.PublishAsync(Resource("etags", Field("title", 1), Field("note", 2)).With(resource => resource.Etag = "r0")));

        Assert.Equal((StatusCode.Aborted, "STALE_ETAG"), refusal);
    }

    [Fact]
    public async Task Only_the_operator_publishes_without_a_draft()
    {
        await hub.PublishAsync(Resource("owned", Field("title", 1)));

        foreach (var client in (TestClient[])[hub.HotlineSteward, hub.RoadSteward, hub.Roads])
        {
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => hub.PublishAsync(Resource("owned", Field("title", 1)), by: client)));
        }
    }

    [Fact]
    public async Task Two_that_publish_at_once_make_one_first_revision()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => hub.PublishAsync(Resource("at_once", Field("title", 1)))));

        Assert.All(results, result => Assert.Equal(1, result.Revision));
    }

    [Fact]
    public async Task Categories_are_defined_parents_first_and_listed_in_the_order_of_codes()
    {
        var catalog = CatalogOf(hub.It.Operator);
        Category[] tree = [new() { Name = "categories/3", DisplayName = "Departments" }, new() { Name = "categories/3.01", DisplayName = "Roads", Parent = "categories/3" }];

        var first = await catalog.DefineCategoriesAsync(new DefineCategoriesRequest { Categories = { tree } });
        var again = await catalog.DefineCategoriesAsync(new DefineCategoriesRequest { Categories = { tree } });
        var listed = await CatalogOf(hub.Roads).ListCategoriesAsync(new ListCategoriesRequest());

        Assert.Equal((2, 0), (first.Changed, again.Changed));
        Assert.Equal(tree, listed.Categories);
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(async () => await CatalogOf(hub.RoadSteward).DefineCategoriesAsync(new DefineCategoriesRequest { Categories = { tree } })));
    }

    [Fact]
    public async Task Codes_are_retired_and_never_removed()
    {
        var catalog = CatalogOf(hub.It.Operator);
        Task<CodeList> Publish(params Code[] codes) =>
            catalog.PublishCodeListAsync(new PublishCodeListRequest { CodeList = new CodeList { Name = "codeLists/urgency", Codes = { codes } } }).ResponseAsync;
        await Publish(new Code { Code_ = "normal", DisplayNameZh = "一般" }, new Code { Code_ = "urgent" });

        Assert.Equal((StatusCode.FailedPrecondition, "CODE_REMOVED"), await TestStatus.RefusalOf(() => Publish(new Code { Code_ = "normal" })));
        var retired = await Publish(new Code { Code_ = "normal", DisplayNameZh = "一般" }, new Code { Code_ = "urgent", Retired = true });
        Assert.Equal(2, retired.Version);
        Assert.Equal(retired, await CatalogOf(hub.Roads).GetCodeListAsync(new GetCodeListRequest { Name = "codeLists/urgency" }));
    }

    [Fact]
    public async Task A_sharing_list_shows_own_entries_and_the_defaults_for_the_rest()
    {
        await hub.PublishAsync(Resource("shared", Field("title", 1), Field("note", 2), Field("fixed", 3).With(field => field.Owner = new OwnerRule { Department = "departments/hotline" })));
        var list = new SharingList
        {
            Name = "departments/roads/sharingLists/shared",
            Entries =
            {
                new SharingEntry
                {
                    Field = "note", Level = Level.Internal, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen, OpenBasis = Because, Condition = "for handling",
                    Mask = new Mask { Kind = MaskKind.ShowFirstN, Parameter = 2 },
                },
            },
        };

        var updated = await CatalogOf(hub.RoadSteward).UpdateSharingListAsync(new UpdateSharingListRequest { SharingList = list });

        Assert.Equal(["title True", "note False"], updated.Entries.Select(entry => $"{entry.Field} {entry.Inherited}"));
        Assert.Equal(list.Entries[0], updated.Entries[1]);
        Assert.Equal(updated, await CatalogOf(hub.Hotline).GetSharingListAsync(new GetSharingListRequest { Name = list.Name }));
        Assert.Equal(
            (StatusCode.Aborted, "STALE_ETAG"),
            await TestStatus.RefusalOf(async () => await CatalogOf(hub.RoadSteward).UpdateSharingListAsync(new UpdateSharingListRequest
            {
                SharingList = new SharingList { Name = list.Name, Etag = "s0" },
            })));
    }

    [Fact]
    public async Task Only_the_department_s_own_steward_changes_its_list()
    {
        var list = new SharingList { Name = "departments/roads/sharingLists/shared" };

        foreach (var (client, reason) in new[] { (hub.HotlineSteward, "NOT_OWN_DEPARTMENT"), (hub.It.Operator, "ROLE_REQUIRED"), (hub.Roads, "ROLE_REQUIRED") })
        {
            Assert.Equal(
                (StatusCode.PermissionDenied, reason),
                await TestStatus.RefusalOf(async () => await CatalogOf(client).UpdateSharingListAsync(new UpdateSharingListRequest { SharingList = list })));
        }
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        await using var other = await TestHub.StartAsync("governance_restart");
        await other.RegisterAsync("hotline");
        var published = await CatalogOf(other.Operator).PublishResourceAsync(new PublishResourceRequest { Resource = Resource("lasting", Field("title", 1)) });

        await other.RestartAsync();

        Assert.Equal(published, await CatalogOf(other.Operator).GetResourceAsync(new GetResourceRequest { Name = "resources/lasting" }, new CallOptions().WithWaitForReady()));
    }

    private async Task<List<string>> ColumnsAsync(string table)
    {
        await using var command = hub.It.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'subject' AND table_name = $1 ORDER BY ordinal_position");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = table });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        List<string> columns = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            columns.Add(reader.GetString(0));
        }

        return columns;
    }
}
