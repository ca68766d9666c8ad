using System.Net;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Identity;
using Exchange.Server.Tests.Grpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using AuditCaller = Exchange.Protos.V1.AuditService.AuditServiceClient;

namespace Exchange.Server.Tests.Identity.Refused;

/// <summary>Attack accounting: what is refused to strangers is counted by address and minute, and fills nothing.</summary>
public sealed class RefusedRequestTests
{
    [Fact]
    public async Task Every_refusal_is_counted_once_over_two_nodes_and_a_restart()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var second = await hub.StartSecondNodeAsync();
        await RefuseAsync(hub, bad: 30, missing: 7);
        await RefuseAsync(second, bad: 11, missing: 2);
        await RefuseOAuthAsync(hub, 5);

        await hub.RestartAsync();
        await RefuseAsync(hub, bad: 4, missing: 0);
        foreach (var node in new[] { hub, second })
        {
            await node.Services.GetRequiredService<RefusedRequests>().WriteAsync();
        }

        var counts = await ListAsync(hub, new ListRefusedRequestsRequest { PageSize = 1 });
        Assert.All(counts, count => Assert.Equal("127.0.0.1", count.Address));
        Assert.All(counts, count => Assert.Equal(0, count.StartTime.Seconds % 60));
        Assert.Equal(
            [("TOKEN_INVALID", 45L), ("TOKEN_MISSING", 9L), ("invalid_client", 5L)],
            counts.GroupBy(count => count.Reason).Select(reason => (reason.Key, reason.Sum(count => count.Count))).Order());
        Assert.Equal(counts.Select(count => count.StartTime.Seconds).OrderDescending(), counts.Select(count => count.StartTime.Seconds));
    }

    [Fact]
    public async Task A_call_beyond_a_limit_is_counted_too_and_named_in_the_log_by_its_client()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings with { Options = o => o with { Limits = LimitRules.Parse("client:EdgeTest/Unary=1/minute") } });
        var calls = new EdgeTest.EdgeTestClient((await hub.RegisterAsync("loud")).Invoker);
        await calls.UnaryAsync(new EdgeMessage());
        for (var call = 0; call < 50; call++)
        {
            await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage()).ResponseAsync);
        }

        await hub.Services.GetRequiredService<RefusedRequests>().WriteAsync();

        Assert.Equal([("RATE_LIMITED", 50L)], (await ListAsync(hub, new())).GroupBy(count => count.Reason).Select(reason => (reason.Key, reason.Sum(count => count.Count))));
        Assert.Contains("refused 50 requests from client loud-system", Assert.Single(hub.Log.Lines, line => line.Contains("Identity.RefusedRequests", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Log.Lines, line => line.Contains("EdgeTest/Unary", StringComparison.Ordinal) && line.Contains("ResourceExhausted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_thousand_bad_tokens_from_many_addresses_grow_neither_the_log_nor_many_rows()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var refused = hub.Services.GetRequiredService<RefusedRequests>();
        var (events, lines) = (await EventsAsync(hub), hub.Log.Lines.Count);
        await RefuseAsync(hub, bad: 2_000, missing: 0);

        // Nobody has that many addresses here: past the edge, as the edge does it.
        for (var call = 0; call < 98_000; call++)
        {
            var http = new DefaultHttpContext();
            http.Connection.RemoteIpAddress = new IPAddress([10, (byte)(call % 5), (byte)(call / 5 % 200), 7]);
            refused.Add(http, "TOKEN_INVALID");
        }

        await refused.WriteAsync();

        var (rows, sum) = await CountAsync(hub);
        Assert.Equal(100_000L, sum);

        // A minute may have ended on the way.
        Assert.InRange(rows, 500, 2 * (RefusedRequests.MostAddresses + 1));
        Assert.Equal(events, await EventsAsync(hub));
        Assert.InRange(hub.Log.Lines.Count - lines, 1, 2 * (RefusedRequests.MostLines + 1));
    }

    [Fact]
    public async Task Addresses_beyond_a_thousand_in_a_minute_are_counted_together()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var time = new StillTime();
        var refused = new RefusedRequests(hub.Services.GetRequiredService<RefusedRequestTable>(), time, new Microsoft.Extensions.Logging.Abstractions.NullLogger<RefusedRequests>());
        for (var address = 0; address < 3_000; address++)
        {
            refused.Add($"10.0.{address / 250}.{address % 250}", "TOKEN_INVALID");
            refused.Add("10.0.0.0", "TOKEN_MISSING");
        }

        await refused.WriteAsync();

        Assert.Equal((1_002L, 6_000L), await CountAsync(hub));
        Assert.Equal(2_000, Assert.Single(await ListAsync(hub, new() { Address = "others" })).Count);
        Assert.Equal([1L, 3_000L], (await ListAsync(hub, new() { Address = "10.0.0.0" })).Select(count => count.Count).Order());
        refused.Dispose();
    }

    [Fact]
    public async Task A_network_of_IPv6_is_one_address_and_reasons_do_not_multiply_the_rows()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var refused = new RefusedRequests(hub.Services.GetRequiredService<RefusedRequestTable>(), new StillTime(), new Microsoft.Extensions.Logging.Abstractions.NullLogger<RefusedRequests>());
        for (var host = 0; host < 5_000; host++)
        {
            refused.Add(RefusedRequests.Name(IPAddress.Parse($"2001:db8:0:7:{host:x}::1")), "TOKEN_INVALID");
            refused.Add($"10.0.{host / 250 % 4}.{host % 250}", $"REASON_{host % 12}");
        }

        await refused.WriteAsync();

        Assert.Equal(5_000, Assert.Single(await ListAsync(hub, new() { Address = "2001:db8:0:7::99" })).Count);
        var (rows, sum) = await CountAsync(hub);
        Assert.Equal(10_000L, sum);
        Assert.InRange(rows, RefusedRequests.MostRows, RefusedRequests.MostRows + 12);
        Assert.Equal(["127.0.0.1", "10.0.0.7", "::1", "fd00::"], new[] { "::ffff:127.0.0.1", "10.0.0.7", "::1", "fd00::7" }.Select(address => RefusedRequests.Name(IPAddress.Parse(address))));
        refused.Dispose();
    }

    [Fact]
    public async Task Of_more_rows_than_are_kept_the_oldest_go()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var table = hub.Services.GetRequiredService<RefusedRequestTable>();
        var noon = DateTimeOffset.UtcNow.Date.AddDays(-1);
        await table.AddAsync([.. Enumerable.Range(0, 10).Select(minute => new Server.Identity.RefusedRequest(noon.AddMinutes(minute / 2), $"10.0.0.{minute}", "TOKEN_INVALID", 1))], CancellationToken.None);

        await table.PurgeAsync(CancellationToken.None, mostRows: 10);
        Assert.Equal(10, (await ListAsync(hub, new())).Count);
        await table.PurgeAsync(CancellationToken.None, mostRows: 5);

        Assert.Equal(["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9"], (await ListAsync(hub, new())).Select(count => count.Address).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Counts_are_filtered_by_time_and_shown_to_auditors_and_the_operator_only()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var table = hub.Services.GetRequiredService<RefusedRequestTable>();
        var noon = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        await table.AddAsync([.. Enumerable.Range(0, 5).Select(minute => new Server.Identity.RefusedRequest(noon.AddMinutes(minute), "fd00::", "TOKEN_INVALID", minute + 1))], CancellationToken.None);
        var auditor = new AuditCaller((await hub.RegisterAsync("supervision", role: Protos.V1.Role.Auditor)).Invoker);

        var some = await auditor.ListRefusedRequestsAsync(new() { StartTime = noon.AddMinutes(1).ToTimestamp(), EndTime = noon.AddMinutes(4).ToTimestamp(), PageSize = 2 });
        var rest = await auditor.ListRefusedRequestsAsync(new() { StartTime = noon.AddMinutes(1).ToTimestamp(), EndTime = noon.AddMinutes(4).ToTimestamp(), PageToken = some.NextPageToken });

        Assert.Equal([4L, 3L], some.RefusedRequests.Select(count => count.Count));
        Assert.Equal([2L], rest.RefusedRequests.Select(count => count.Count));
        Assert.Equal("", rest.NextPageToken);
        foreach (var role in new[] { Protos.V1.Role.DepartmentSystem, Protos.V1.Role.Steward })
        {
            var other = new AuditCaller((await hub.RegisterAsync("water", $"water-{role.ToString().ToLowerInvariant()}", role)).Invoker);
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await other.ListRefusedRequestsAsync(new())));
        }
    }

    [Fact]
    public async Task A_list_that_makes_no_sense_is_refused_by_field()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        ListRefusedRequestsRequest[] bad =
        [
            new() { PageSize = -1 }, new() { PageToken = "?" }, new() { PageToken = "YQ" }, new() { PageToken = "MS8ALzM" }, new() { Address = "10.1" }, new() { Address = "somewhere" },
            new() { StartTime = new Timestamp { Seconds = long.MaxValue } }, new() { EndTime = new Timestamp { Nanos = -1 } },
        ];

        Assert.All(await Task.WhenAll(bad.Select(request => TestStatus.RefusalOf(async () => await Caller(hub).ListRefusedRequestsAsync(request)))), refusal =>
            Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), refusal));
    }

    [Fact]
    public async Task Counts_that_the_database_did_not_take_are_kept_for_later_and_old_ones_go()
    {
        await using var hub = await TestHub.StartAsync("refused", EdgeHub.Settings);
        var refused = hub.Services.GetRequiredService<RefusedRequests>();
        await ExecuteAsync(hub, "ALTER TABLE identity.refused_request RENAME TO away");
        await RefuseAsync(hub, bad: 3, missing: 0);
        await refused.WriteAsync();
        await RefuseAsync(hub, bad: 2, missing: 0);
        await ExecuteAsync(hub, "ALTER TABLE identity.away RENAME TO refused_request");
        await ExecuteAsync(hub, "INSERT INTO identity.refused_request VALUES (now() - interval '401 days', '10.0.0.1', 'TOKEN_INVALID', 1), (now() - interval '399 days', '10.0.0.1', 'TOKEN_INVALID', 1)");

        await refused.WriteAsync();
        await hub.Services.GetRequiredService<RefusedRequestTable>().PurgeAsync(CancellationToken.None);

        Assert.Equal(6L, (await CountAsync(hub)).Sum);
    }

    private static async Task RefuseAsync(TestHub node, int bad, int missing)
    {
        var (spoilt, anonymous) = (new EdgeTest.EdgeTestClient(TestClient.With(node, "not.a.token")), new EdgeTest.EdgeTestClient(node.Anonymous));
        foreach (var chunk in Enumerable.Range(0, bad + missing).Chunk(100))
        {
            await Task.WhenAll(chunk.Select(call => Assert.ThrowsAsync<RpcException>(() => (call < bad ? spoilt : anonymous).UnaryAsync(new EdgeMessage()).ResponseAsync)));
        }
    }

    private static async Task RefuseOAuthAsync(TestHub node, int wrong)
    {
        for (var call = 0; call < wrong; call++)
        {
            using var response = await TestClient.RequestAsync(node, "not.an.assertion");
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private static AuditCaller Caller(TestHub hub) => new(hub.Operator.Invoker);

    private static async Task<List<Protos.V1.RefusedRequest>> ListAsync(TestHub hub, ListRefusedRequestsRequest request)
    {
        List<Protos.V1.RefusedRequest> all = [];
        do
        {
            var page = await Caller(hub).ListRefusedRequestsAsync(request);
            all.AddRange(page.RefusedRequests);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return all;
    }

    private static async Task<(long Rows, long Sum)> CountAsync(TestHub hub)
    {
        await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT count(*), sum(count)::bigint FROM identity.refused_request");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task<long> EventsAsync(TestHub hub)
    {
        await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT count(*) FROM log.event");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(TestHub hub, string sql)
    {
        await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class StillTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);
    }
}
