using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Exchange.Server.Identity;
using Exchange.Server.Tests.Grpc;
using Grpc.Core;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Exchange.Server.Tests.Identity;

/// <summary>Introspection (RFC 7662) and revocation (RFC 7009) of access tokens.</summary>
public sealed class RevocationTests(IdentityHub identity)
{
    // The promise for open streams.
    private static readonly TimeSpan StreamsEnd = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_client_sees_what_is_in_its_token_until_it_revokes_it_and_its_other_tokens_stay()
    {
        var (hub, _) = await identity.StartedAsync();
        var client = await hub.RegisterAsync("revoker");
        var (token, other) = (client.AccessToken, await client.TokenAsync());

        var before = await IntrospectAsync(hub, client, token);
        using var revoked = await client.PostTokenAsync(hub, "revoke", token);
        using var again = await client.PostTokenAsync(hub, "revoke", token);

        var claims = new JsonWebToken(token);
        Assert.Equal(
            ("revoker-system", "revoker", "department-system", claims.Id, new DateTimeOffset(claims.ValidTo).ToUnixTimeSeconds()),
            (before.GetProperty("client_id").GetString(), before.GetProperty("department").GetString(), before.GetProperty("role").GetString(), before.GetProperty("jti").GetString(), before.GetProperty("exp").GetInt64()));
        Assert.True(before.GetProperty("active").GetBoolean());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (revoked.StatusCode, again.StatusCode));
        Assert.Equal("", await revoked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("TOKEN_REVOKED", await identity.AnswerAsync(token));
        Assert.Equal("""{"active":false}""", (await IntrospectAsync(hub, client, token)).GetRawText());
        Assert.Equal("OK", await identity.AnswerAsync(other));
    }

    [Fact]
    public async Task A_stranger_learns_nothing_of_a_token_and_cannot_revoke_it()
    {
        var (hub, client) = await identity.StartedAsync();
        var stranger = await hub.RegisterAsync("stranger");

        using var refused = await stranger.PostTokenAsync(hub, "revoke", client.AccessToken);

        Assert.Equal("""{"active":false}""", (await IntrospectAsync(hub, stranger, client.AccessToken)).GetRawText());
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("OK", await identity.AnswerAsync(client.AccessToken));
    }

    [Fact]
    public async Task A_client_cannot_fill_the_hub_with_revocations()
    {
        var (hub, _) = await identity.StartedAsync();
        var client = await hub.RegisterAsync("many-revoked");
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i <= RevokedTokens.MostOfClient; i++)
        {
            using var revoked = await client.PostTokenAsync(hub, "revoke", await client.TokenAsync());
            answers.Add(revoked.StatusCode);
        }

        using var again = await client.PostTokenAsync(hub, "revoke", "nonsense");

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, RevokedTokens.MostOfClient).Append(HttpStatusCode.TooManyRequests), answers);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("OK", await identity.AnswerAsync(client.AccessToken));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    public async Task What_is_no_token_is_inactive_and_as_good_as_revoked(string text)
    {
        var (hub, client) = await identity.StartedAsync();

        using var revoked = await client.PostTokenAsync(hub, "revoke", text);

        Assert.Equal("""{"active":false}""", (await IntrospectAsync(hub, client, text)).GetRawText());
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
    }

    [Theory]
    [InlineData("introspect")]
    [InlineData("revoke")]
    public async Task Nobody_asks_without_proof_of_who_it_is(string endpoint)
    {
        var (hub, client) = await identity.StartedAsync();
        var used = client.Assertion();
        using var first = await TestClient.PostAsync(hub, endpoint, used, ("token", "x"));
        using var replayed = await TestClient.PostAsync(hub, endpoint, used, ("token", "x"));
        using var forged = await TestClient.PostAsync(hub, endpoint, client.AccessToken, ("token", client.AccessToken));
        using var without = await TestClient.PostAsync(hub, endpoint, client.Assertion());
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", client.AccessToken)]);
        using var anonymous = await hub.Http.PostAsync(new Uri($"/connect/{endpoint}", UriKind.Relative), form, TestContext.Current.CancellationToken);
        using var get = await hub.Http.GetAsync(new Uri($"/connect/{endpoint}", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.MethodNotAllowed],
            [first.StatusCode, replayed.StatusCode, forged.StatusCode, without.StatusCode, anonymous.StatusCode, get.StatusCode]);
        Assert.Equal("OK", await identity.AnswerAsync(client.AccessToken));
    }

    [Fact]
    public async Task A_token_revoked_on_one_node_loses_its_calls_and_streams_on_the_others_also_after_a_restart()
    {
        await using var hub = await TestHub.StartAsync("revoked", EdgeHub.Settings);
        var second = await hub.StartSecondNodeAsync();
        var client = await hub.RegisterAsync("leaver");
        var (token, other) = (client.AccessToken, await client.TokenAsync());
        var calls = TestClient.With(second, token);
        await IdentityHub.EventuallyAsync("OK", calls);
        using var stream = new EdgeTest.EdgeTestClient(calls).Down(new EdgeMessage { Text = "hang" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));

        using var revoked = await client.PostTokenAsync(hub, "revoke", token);
        await IdentityHub.EventuallyAsync("TOKEN_REVOKED", calls);
        var end = await TestStatus.RefusalOf(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(StreamsEnd));
        await hub.RestartAsync();

        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_REVOKED"), end);
        Assert.Equal("TOKEN_REVOKED", await IdentityHub.AnswerAsync(TestClient.With(hub, token)));
        Assert.Equal("OK", await IdentityHub.AnswerAsync(TestClient.With(hub, other)));
    }

    private static async Task<JsonElement> IntrospectAsync(TestHub hub, TestClient client, string token)
    {
        using var response = await client.PostTokenAsync(hub, "introspect", token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
