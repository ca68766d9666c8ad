using System.Net;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;
using Exchange.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Identity;

/// <summary>Wrong secrets and refused sign-ins are limited: by client id and address, however many come at once, and nobody else is.</summary>
public sealed class FailureLimitTests
{
    private const int OfClient = 10;
    private const int OfAddress = 60;
    private const int MostWaiting = 50;

    [Fact]
    public async Task Guesses_that_come_at_once_are_no_more_than_guesses_one_by_one()
    {
        await using var hub = await TestHub.StartAsync("guess_at_once");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => GuessAsync(hub, "203.0.113.7", "trial")));

        // A minute may begin on the way.
        Assert.InRange(answers.Count(answer => answer is 401), OfClient, 2 * OfClient);
        Assert.Equal(40, answers.Count(answer => answer is 401 or 429));
    }

    [Fact]
    public async Task Secrets_that_wait_to_be_checked_are_bounded_and_one_who_waited_is_served()
    {
        await using var hub = await TestHub.StartAsync("guess_queue");
        var secret = await hub.RegisterSecretAsync("water", "water-trial");
        var right = Task.FromResult(0);
        Task<int>[] others;
        using (await hub.Services.GetRequiredService<ClientSecrets>().TakeTurnAsync(TestContext.Current.CancellationToken))
        {
            right = GuessAsync(hub, "203.0.113.7", "water-trial", secret);
            others = [.. Enumerable.Range(0, MostWaiting + 4).Select(i => GuessAsync(hub, $"198.51.100.{i}", "water-trial"))];

            Assert.Equal(5, others.Count(one => one.IsCompleted));
        }

        Assert.Equal(200, await right);
        Assert.Equal(5, (await Task.WhenAll(others)).Count(answer => answer is 503));
    }

    [Fact]
    public async Task A_proxy_whom_the_hub_trusts_is_not_taken_for_one_client()
    {
        await using var behind = await TestHub.StartAsync("guess_proxy", new() { Options = options => options with { TrustedProxies = [IPNetwork.Parse("10.0.0.0/24")] } });

        Assert.All(await GuessInTurnAsync(behind, "10.0.0.5"), answer => Assert.Equal(401, answer));
        Assert.Contains(429, await GuessInTurnAsync(behind, "10.0.1.5"));
    }

    [Fact]
    public async Task A_network_of_IPv6_is_one_address()
    {
        await using var hub = await TestHub.StartAsync("guess_ipv6");
        var (secrets, sessions) = (new List<int>(), new List<int>());
        for (var i = 0; i < (2 * OfAddress) + 1; i++)
        {
            sessions.Add(await SessionAsync(hub, $"2001:db8::{i:x}"));
            if (i <= 2 * OfClient)
            {
                secrets.Add(await GuessAsync(hub, $"2001:db8::{i:x}", "trial"));
            }
        }

        Assert.Equal((401, 401), (await GuessAsync(hub, "2001:db8:0:1::1", "trial"), await SessionAsync(hub, "2001:db8:0:1::1")));
        Assert.Contains(429, secrets);
        Assert.Contains(429, sessions);
    }

    [Fact]
    public void Keys_beyond_what_is_counted_are_not_refused_for_each_other()
    {
        var counter = new MinuteCounter<string>(new FastTime(0), 2);
        foreach (var key in new[] { "a", "b", "c", "c", "d", "a" })
        {
            counter.Add(key);
        }

        Assert.Equal([2, 1, 0, 0, 0], new[] { "a", "b", "c", "d", "e" }.Select(counter.Count));
    }

    private static async Task<List<int>> GuessInTurnAsync(TestHub hub, string address)
    {
        var answers = new List<int>();

        // Twice as many, for the case that a minute begins on the way.
        for (var i = 0; i <= 2 * OfAddress && !answers.Contains(429); i++)
        {
            answers.Add(await GuessAsync(hub, address, $"client-{i}"));
        }

        return answers;
    }

    private static async Task<int> GuessAsync(TestHub hub, string address, string client, string secret = "guess")
    {
        var form = new Dictionary<string, string> { ["client_id"] = client, ["client_secret"] = secret };
        var (proven, error) = await hub.Services.GetRequiredService<ClientAuthenticator>().AuthenticateAsync(From(hub, address), form);
        return proven is null ? error!.Status : 200;
    }

    private static async Task<int> SessionAsync(TestHub hub, string address)
    {
        var http = From(hub, address);
        http.Request.Method = HttpMethods.Post;
        await hub.Services.GetRequiredService<SessionEndpoint>().HandleTokenAsync(http);
        return http.Response.StatusCode;
    }

    private static DefaultHttpContext From(TestHub hub, string address) => new() { RequestServices = hub.Services, Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}
