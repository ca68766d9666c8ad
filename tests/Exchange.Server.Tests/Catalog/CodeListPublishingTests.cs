using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records.SourceCodes;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Records.Push.Pushed;
using static Exchange.Server.Tests.Records.SourceCodes.SourcedHub;

namespace Exchange.Server.Tests.Catalog;

public sealed class CodeListPublishingTests(SourcedHub hub) : IClassFixture<SourcedHub>
{
    [Fact]
    public async Task What_sources_codes_mean_is_shown_to_every_department_and_kept_by_the_operator()
    {
        var published = await hub.PublishAsync("shown", ["a", "b"], ("city-a", "1", "a"), ("city-b", "1", "b"));
        var again = await hub.PublishAsync("shown", ["a", "b"], ("city-a", "1", "a"), ("city-b", "1", "b"));

        var read = await CatalogOf(hub.City.ClientOf(Records.City.Archive)).GetCodeListAsync(new GetCodeListRequest { Name = "codeLists/shown" });
        var refusal = await TestStatus.RefusalOf(() => CatalogOf(hub.City.ClientOf(Records.City.Centre)).PublishCodeListAsync(new PublishCodeListRequest { CodeList = published }).ResponseAsync);

        Assert.Equal((1, 1), (published.Version, again.Version));
        Assert.Equal(published, read);
        Assert.Equal(["city-a/1 a", "city-b/1 b"], read.Mappings.Select(one => $"{one.CodeSystem}/{one.SourceCode} {one.Code}"));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), refusal);
    }

    [Fact]
    public async Task A_bad_list_is_refused_with_every_bad_mapping_and_adds_no_column()
    {
        await PublishResourceAsync("untouched", "strict");

        var bad = await Assert.ThrowsAsync<RpcException>(() => hub.PublishAsync("strict", ["a"], ("City A", "1", "a"), ("city-a", "1", "b"), ("city-a", "1", "a")));
        var large = await Assert.ThrowsAsync<RpcException>(() => hub.PublishAsync("strict", ["a"], [.. Enumerable.Range(0, 10_000).Select(number => ("city-with-a-long-name-of-its-own", $"{number}".PadLeft(100, '漏'), "a"))]));

        Assert.Equal(
            ["code_list.mappings[0].code_system INVALID_ID", "code_list.mappings[1].code CODE_NOT_FOUND", "code_list.mappings[2].source_code DUPLICATE"],
            bad.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}"));
        Assert.Equal((StatusCode.InvalidArgument, "TOO_LARGE"), (large.StatusCode, large.Detail<BadRequest>()!.FieldViolations.Single().Reason));
        Assert.Equal(0L, await SourceColumnsAsync("untouched"));
        Assert.Equal(1, (await CatalogOf(hub.City.Hub.Operator).GetCodeListAsync(new GetCodeListRequest { Name = "codeLists/strict" })).Version);

        await hub.PublishAsync("strict", ["a"], ("city-a", "1", "a"));
        Assert.Equal(1L, await SourceColumnsAsync("untouched"));
    }

    [Fact]
    public async Task A_list_gets_its_first_mapping_while_its_codes_are_pushed_and_no_push_is_lost()
    {
        await PublishResourceAsync("busy", "rush");
        using var enough = new CancellationTokenSource();
        var pushes = Enumerable.Range(0, 4).Select(PushUntilAsync).ToList();
        while (await hub.City.ScalarAsync<long>("SELECT count(*) FROM subject.busy") < 8)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await hub.PublishAsync("rush", ["a"], ("city-a", "1", "a"));
        var sourced = await PushAsync("sourced", Sourced("city-a", "1"));
        await enough.CancelAsync();
        var counts = await Task.WhenAll(pushes);

        Assert.Equal(RecordOutcome.Accepted, sourced);
        Assert.Equal(counts.Sum() + 1, await hub.City.ScalarAsync<long>("SELECT count(*) FROM subject.busy WHERE kind = 'a'"));
        Assert.Equal(1L, await hub.City.ScalarAsync<long>("SELECT count(*) FROM subject.busy WHERE kind$source = 'city-a/1'"));

        async Task<long> PushUntilAsync(int worker)
        {
            var count = 0L;
            while (!enough.IsCancellationRequested)
            {
                Assert.Equal(RecordOutcome.Accepted, await PushAsync($"{worker}-{count++}", Code("a")));
            }

            return count;
        }

        async Task<RecordOutcome> PushAsync(string sourceId, Value kind)
        {
            var header = hub.City.Header(Records.City.Centre, "kind");
            header.Resource = "resources/busy";
            return (await hub.City.PushAsync(Records.City.Centre, header, Own(sourceId, kind))).Results[0].Outcome;
        }
    }

    // As one whose table was made before there were sources' codes.
    private async Task PublishResourceAsync(string resource, string list)
    {
        await hub.PublishAsync(list, ["a"]);
        await CatalogOf(hub.City.Hub.Operator).PublishResourceAsync(new PublishResourceRequest
        {
            Resource = Resource(resource, Field("title", 1), CodeField("kind", 2, list)).With(one => one.Department = "departments/centre"),
        });
        await hub.City.ExecuteAsync($"ALTER TABLE subject.{resource} DROP COLUMN kind$source");
    }

    private Task<long> SourceColumnsAsync(string resource) => hub.City.ScalarAsync<long>(
        $"SELECT count(*) FROM pg_attribute WHERE attrelid = 'subject.{resource}'::regclass AND attname = 'kind$source' AND NOT attisdropped");
}
