using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Catalog;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Server.Tests.Catalog;

public sealed class ResourcePublishingTests(GovernanceNodes nodes) : IClassFixture<GovernanceNodes>
{
    private const string CountIndexes = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'subject' AND tablename = 'indexed' AND indexname LIKE '%field%'";

    [Fact]
    public async Task A_node_that_has_not_heard_of_a_revision_replaces_none_of_its_columns()
    {
        await using var database = NpgsqlDataSource.Create(nodes.ConnectionString);
        var tables = new SubjectTables(database, TimeProvider.System, NullLogger<SubjectTables>.Instance);
        var first = await nodes.StartAsync();
        await first.RegisterAsync(GovernanceNodes.Department("hotline", "hotline"));
        var behind = await nodes.StartAsync();
        using var publishing = new ResourcePublishing(first.Commands, first.Store, tables, TimeProvider.System);
        using var publishingBehind = new ResourcePublishing(behind.Commands, behind.Store, tables, TimeProvider.System);
        await PublishAsync(publishing, SubjectFixture.Field(1, "title", FieldType.Text));
        await behind.Store.WaitBeyondAsync(first.Store.Current.Position - 1, TestContext.Current.CancellationToken);

        // It hears of nothing from here on, but may decide for a second more.
        Assert.False(behind.Store.Confirm().IsRefused);
        await behind.Store.StopAsync(TestContext.Current.CancellationToken);
        var published = await PublishAsync(publishing, SubjectFixture.Field(1, "title", FieldType.Text), SubjectFixture.Field(2, "fee", FieldType.Text));
        var clash = await PublishAsync(publishingBehind, SubjectFixture.Field(1, "title", FieldType.Text), SubjectFixture.Field(2, "fee", FieldType.Integer));

        Assert.Equal(2, published.Value.Revision);
        await using var command = database.CreateCommand("SELECT data_type FROM information_schema.columns WHERE table_name = 'contested' AND column_name = 'fee'");
        Assert.Equal("text", await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal(RefusalReason.GovernanceNotConfirmed, clash.Refusal?.Reason);
    }

    [Fact]
    public async Task A_publication_that_cannot_be_stored_leaves_the_indexes_that_filters_go_by()
    {
        await using var database = NpgsqlDataSource.Create(nodes.ConnectionString);
        var tables = new SubjectTables(database, TimeProvider.System, NullLogger<SubjectTables>.Instance);
        var node = await nodes.StartAsync();
        await node.RegisterAsync(GovernanceNodes.Department("hotline", "hotline"));
        using var publishing = new ResourcePublishing(node.Commands, node.Store, tables, TimeProvider.System);
        var due = SubjectFixture.Field(1, "due", FieldType.Date);
        Assert.False((await PublishAsync(publishing, "indexed", due with { Indexed = true })).IsRefused);
        await RunAsync(
            """
            CREATE FUNCTION log.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''a test''; END';
            CREATE TRIGGER refuse BEFORE INSERT ON log.event FOR EACH ROW EXECUTE FUNCTION log.refuse()
            """);

        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(publishing, "indexed", due));
        Assert.Equal(1L, await RunAsync(CountIndexes));
        await RunAsync("DROP TRIGGER refuse ON log.event");
        Assert.False((await PublishAsync(publishing, "indexed", due)).IsRefused);

        Assert.Equal(0L, await RunAsync(CountIndexes));

        async Task<object?> RunAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }
    }

    private static Task<Result<ResourceDefinition>> PublishAsync(ResourcePublishing publishing, params FieldDefinition[] fields) => PublishAsync(publishing, "contested", fields);

    private static Task<Result<ResourceDefinition>> PublishAsync(ResourcePublishing publishing, string id, params FieldDefinition[] fields)
    {
        var terms = new SharingTerms { OpenBasis = new(BasisKind.Other, "invented") };
        var draft = new ResourceDraft
        {
            Id = new(id), Department = new("hotline"), DisplayName = $"Contested {id}", Abstract = "For a test", Fields = [.. fields.Select(field => field with { Terms = terms })],
        };
        return publishing.PublishAsync(GovernanceNodes.Operator, draft.Id, (state, now) => ResourceRules.Publish(state, draft, now), TestContext.Current.CancellationToken);
    }
}
