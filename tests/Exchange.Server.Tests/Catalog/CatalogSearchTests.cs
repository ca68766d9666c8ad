using System.Collections.Concurrent;
using System.Diagnostics;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Catalog;

public sealed class CatalogSearchTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    [Fact]
    public async Task What_is_published_is_found_at_once_by_words_and_facets_on_every_node()
    {
        var other = await hub.It.StartSecondNodeAsync();
        await hub.PublishAsync(Resource("potholes", Field("depth", 1).With(field => field.DisplayNameZh = "坑洞深度"), Field("note", 2, sharing: SharingClass.NotShared))
            .With(resource => (resource.DisplayName, resource.DisplayNameZh, resource.UpdateCycle) = ("Potholes", "道路坑洞", UpdateCycle.Weekly)));

        var byName = await SearchAsync(hub.Roads, "pothol");
        var byField = await SearchAsync(hub.Roads, "坑洞深度");
        var faceted = await SearchAsync(hub.Roads, "", new() { Facet = Facet.SharingClass, Value = "NOT_SHARED" }, new() { Facet = Facet.Owner, Value = "departments/hotline" }, new() { Facet = Facet.UpdateCycle, Value = "WEEKLY" });
        var elsewhere = await new CatalogService.CatalogServiceClient(hub.Roads.InvokerOn(other)).SearchCatalogAsync(new() { Query = "pothol" });
        while (elsewhere.TotalCount is 0)
        {
            elsewhere = await new CatalogService.CatalogServiceClient(hub.Roads.InvokerOn(other)).SearchCatalogAsync(new() { Query = "pothol" });
        }

        var found = Assert.Single(byName.Resources);
        Assert.Equal(("resources/potholes", "道路坑洞", "departments/hotline", 2, ResourceState.Published), (found.Name, found.DisplayNameZh, found.Department, found.FieldCount, found.State));
        Assert.Equal(["resources/potholes"], byField.Resources.Select(resource => resource.Name));
        Assert.Equal(["resources/potholes"], faceted.Resources.Select(resource => resource.Name));
        Assert.Contains(byName.Facets, count => count is { Facet: Facet.Owner, Value: "departments/hotline", Count: 1, DisplayName.Length: > 0 });
        Assert.Equal(byName, elsewhere);
    }

    [Fact]
    public async Task A_draft_is_found_by_its_stewards_and_the_operator_until_it_is_given_up()
    {
        await DraftsOf(hub.HotlineSteward).SaveResourceDraftAsync(new() { Resource = Resource("whispers", Field("title", 1), Field("title", 1)).With(resource => resource.DisplayName = "Whispers") });

        Assert.Equal(ResourceState.Draft, Assert.Single((await SearchAsync(hub.HotlineSteward, "whispers")).Resources).State);
        Assert.Single((await SearchAsync(hub.It.Operator, "whispers")).Resources);
        foreach (var client in (TestClient[])[hub.RoadSteward, hub.Roads, hub.Hotline])
        {
            var found = await SearchAsync(client, "whispers");
            Assert.Equal((0, 0, 0), (found.Resources.Count, found.TotalCount, found.Facets.Count));
        }

        await DraftsOf(hub.HotlineSteward).DeleteResourceDraftAsync(new() { Name = "resources/whispers/draft" });
        Assert.Empty((await SearchAsync(hub.HotlineSteward, "whispers")).Resources);
    }

    [Fact]
    public async Task Every_bad_part_of_a_question_is_told()
    {
        var bad = await Assert.ThrowsAsync<RpcException>(() => SearchAsync(
            hub.Roads, new string('x', 201), new() { Facet = Facet.Owner, Value = "housing" }, new() { Facet = Facet.Level, Value = "5" }, new() { Facet = Facet.OpenClass, Value = "not-open" }, new() { Value = "x" }));
        var token = await TestStatus.RefusalOf(async () => await CatalogOf(hub.Roads).SearchCatalogAsync(new() { PageToken = "bm9uc2Vuc2U" }));

        Assert.Equal(
            ["query TOO_LONG", "facets[0] UNKNOWN_VALUE", "facets[1] UNKNOWN_VALUE", "facets[2] UNKNOWN_VALUE", "facets[3] UNKNOWN_VALUE"],
            bad.Detail<Google.Rpc.BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}"));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), token);
    }

    [Fact]
    public async Task A_page_of_any_size_takes_the_same_number_of_statements()
    {
        for (var number = 0; number < 30; number++)
        {
            await hub.PublishAsync(Resource($"many_{number}", Field("title", 1)).With(resource => (resource.Format, resource.SharingMode) = (ResourceFormat.Spreadsheet, SharingMode.Mail)));
        }

        for (var number = 0; number < 5; number++)
        {
            await hub.PublishAsync(Resource($"measured_{number}", Field("title", 1).With(field => field.QualityRules.Add(new QualityRule { Required = true }))));
        }

        var statements = new ConcurrentBag<ActivityTraceId>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore" or "System.Net.Http" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.Source.Name is "Npgsql")
                {
                    statements.Add(activity.TraceId);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");

        var (one, all) = (await CountAsync(1), await CountAsync(500));
        var control = await CountedAsync(async () => await CatalogOf(hub.Roads).ListResourceRevisionsAsync(new() { Parent = "resources/many_0" }));

        Assert.Equal((1, true), (one.Found, all.Found >= 35));
        Assert.Equal((1, 1, 1), (one.Statements, all.Statements, await CountedAsync(async () => await CatalogOf(hub.Roads).GetResourceAsync(new() { Name = "resources/measured_0" }))));
        Assert.True(control > 0, "statements are not seen at all");

        async Task<(int Found, int Statements)> CountAsync(int size)
        {
            var found = 0;
            var count = await CountedAsync(async () => found = (await CatalogOf(hub.Roads).SearchCatalogAsync(new() { PageSize = size })).Resources.Count);
            return (found, count);
        }

        async Task<int> CountedAsync(Func<Task> call)
        {
            Activity.Current = null;
            using var activity = source.StartActivity("question")!;
            await call();
            return statements.Count(trace => trace == activity.TraceId);
        }
    }

    private static Task<SearchCatalogResponse> SearchAsync(TestClient client, string text, params FacetValue[] facets) =>
        CatalogOf(client).SearchCatalogAsync(new SearchCatalogRequest { Query = text, Facets = { facets } }).ResponseAsync;
}
