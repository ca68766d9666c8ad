using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>T17 and T18: an assertion is used once at all endpoints together, and its id is kept for as long as it could be used again. In parallel, on two nodes and after a restart: AssertionAttackTests.</summary>
public sealed class AssertionReplayTests
{
    [Fact]
    public async Task An_assertion_used_at_one_endpoint_is_used_up_at_all()
    {
        await using var hub = await TestHub.StartAsync("replayed");
        var client = await hub.RegisterAsync("water");
        foreach (var first in new[] { "token", "introspect", "revoke" })
        {
            var assertion = client.Assertion();
            using var used = await TestClient.PostAsync(hub, first, assertion, ("grant_type", "client_credentials"), ("token", "x"));
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
            foreach (var second in new[] { "token", "introspect", "revoke" })
            {
                using var again = await TestClient.PostAsync(hub, second, assertion, ("grant_type", "client_credentials"), ("token", "x"));
                Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
            }
        }
    }

    [Fact]
    public async Task The_id_of_an_assertion_dated_ahead_is_kept_until_nothing_can_be_done_with_it_any_more()
    {
        var clock = new ShiftedClock();
        await using var hub = await TestHub.StartAsync("dated_ahead", new() { Options = options => options with { Clock = clock } });
        var client = await hub.RegisterAsync("water");
        var now = clock.GetUtcNow().ToUnixTimeSeconds();

        // As far ahead as clocks may be apart, and good for as long as an assertion may be.
        var assertion = client.Assertion(("iat", now + 8), ("nbf", now + 8), ("exp", now + 68));
        var answers = new List<HttpStatusCode> { await StatusAsync(hub, assertion) };
        foreach (var seconds in new[] { 30, 59, 61, 67, 69, 76, 77, 79, 120, 3_600 })
        {
            clock.Shift = TimeSpan.FromSeconds(seconds);
            await PurgeAsync(hub);
            answers.Add(await StatusAsync(hub, assertion));
        }

        Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.Unauthorized, 10)], answers);
        Assert.Equal(0L, await KeptAsync(hub));
    }

    [Fact]
    public async Task A_node_whose_clock_is_ahead_does_not_let_an_assertion_be_used_again_on_the_others()
    {
        var (clock, ahead) = (new ShiftedClock(), new ShiftedClock());
        await using var hub = await TestHub.StartAsync("ahead", new() { Options = options => options with { Clock = clock } });
        var second = await hub.StartSecondNodeAsync(options => options with { Clock = ahead });
        var client = await hub.RegisterAsync("water");
        var assertion = client.Assertion(("iat", null), ("exp", clock.GetUtcNow().ToUnixTimeSeconds() + 60));

        var first = await StatusAsync(hub, assertion);
        (clock.Shift, ahead.Shift) = (TimeSpan.FromSeconds(58), TimeSpan.FromSeconds(98));
        await PurgeAsync(second);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first, await StatusAsync(hub, assertion)));
    }

    [Fact]
    public async Task Where_the_ids_cannot_be_kept_nobody_gets_a_token()
    {
        await using var hub = await TestHub.StartAsync("no_ids");
        var client = await hub.RegisterAsync("water");
        var assertion = client.Assertion();
        await ExecuteAsync(hub, "ALTER TABLE identity.client_assertion RENAME TO away");

        var without = await StatusAsync(hub, assertion);
        await ExecuteAsync(hub, "ALTER TABLE identity.away RENAME TO client_assertion");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, without);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, assertion));
    }

    // As the hub does it once a minute.
    private static Task PurgeAsync(TestHub hub) => hub.Services.GetRequiredService<Server.Identity.AssertionReplays>().PurgeAsync(TestContext.Current.CancellationToken);

    private static async Task<long> KeptAsync(TestHub hub)
    {
        await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT count(*) FROM identity.client_assertion WHERE client = 'water-system'");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static Task ExecuteAsync(TestHub hub, string statement) => Users.TestUser.ExecuteAsync(hub, statement);

    private static async Task<HttpStatusCode> StatusAsync(TestHub hub, string assertion)
    {
        using var response = await TestClient.RequestAsync(hub, assertion);
        return response.StatusCode;
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
