using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;

namespace Exchange.Server.Tests.Identity;

/// <summary>Section T of the reliability promises: client assertions that must not earn a token. Each spoils one thing of an assertion that does.</summary>
public sealed class AssertionAttackTests(IdentityHub identity)
{
    // An assertion is good for a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task An_assertion_is_good_for_one_token()
    {
        var (hub, client) = await identity.StartedAsync();
        var assertion = client.Assertion();

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], [await StatusAsync(hub, assertion), await StatusAsync(hub, assertion)]);
    }

    [Fact]
    public async Task An_assertion_sent_two_hundred_times_at_once_to_two_nodes_earns_one_token_and_none_after_a_restart()
    {
        await using var hub = await TestHub.StartAsync("replay");
        var second = await hub.StartSecondNodeAsync();
        var client = await hub.RegisterAsync("water");
        var assertion = client.Assertion();
        var issuedBefore = Issued(hub);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AnswerAsync(i % 2 is 0 ? hub : second, assertion)));
        var issued = Issued(hub) - issuedBefore;
        await hub.RestartAsync();

        // An answer that the machine's load cut off may have been the one with the token; the log of both nodes counts it all the same.
        var cutOff = answers.Count(answer => answer is null);
        Assert.Equal(1, issued);
        Assert.InRange(answers.Count(answer => answer is HttpStatusCode.OK), cutOff > 0 ? 0 : 1, 1);
        Assert.All(answers, answer => Assert.True(answer is null or HttpStatusCode.OK or HttpStatusCode.Unauthorized, $"{answer}"));
        Assert.InRange(cutOff, 0, 20);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub, assertion));
    }

    [Fact]
    public async Task The_same_id_by_another_client_is_another_assertion()
    {
        var (hub, client) = await identity.StartedAsync();
        var other = await hub.RegisterAsync("other");
        var id = Guid.NewGuid().ToString();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, client.Assertion(("jti", id))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, other.Assertion(("jti", id))));
    }

    [Fact]
    public async Task The_issuer_is_taken_as_the_audience_and_nothing_else_not_even_the_token_endpoint()
    {
        var (hub, client) = await identity.StartedAsync();
        var addresses = hub.Node.Addresses;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, client.Assertion(("aud", addresses.Issuer))));
        foreach (var wrong in new object?[] { null, "", addresses.Issuer + "/", addresses.TokenEndpoint, "dataexchange", new[] { addresses.Issuer }, new[] { addresses.TokenEndpoint, "x" }, "https://other.example/connect/token" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub, client.Assertion(("aud", wrong))));
        }
    }

    [Fact]
    public async Task Times_must_be_near_and_ids_must_be_there()
    {
        var (hub, client) = await identity.StartedAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, client.Assertion(("nbf", now + 5), ("iat", now + 5))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, client.Assertion(("iat", null))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, client.Assertion(("iat", now + 5), ("exp", now + 65))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, client.Assertion(("iat", null), ("exp", now + 65))));
        foreach (var (claim, value) in new (string, object?)[]
        {
            ("exp", null), ("exp", now - 300), ("exp", now - 15), ("exp", now + 68), ("exp", now + 120), ("exp", now + 290), ("exp", now + 3600), ("exp", $"{now + 60}"), ("exp", -5), ("exp", 1e30),
            ("nbf", now + 120), ("iat", now + 120), ("iat", "now"), ("jti", null), ("jti", ""), ("jti", new string('j', 256)), ("jti", 1),
            ("iss", null), ("iss", "operator"), ("sub", null), ("sub", "operator"), ("sub", "nobody"), ("sub", "'; DROP TABLE x"),
        })
        {
            Assert.True(await StatusAsync(hub, client.Assertion((claim, value))) is HttpStatusCode.Unauthorized, $"{claim} = {value}");
        }
    }

    [Fact]
    public async Task Only_the_clients_own_key_and_ES256_sign_for_it()
    {
        var (hub, client) = await identity.StartedAsync();
        var other = await hub.RegisterAsync("signer");
        using var rsa = RSA.Create(2048);
        ForgedToken Good() => ForgedToken.Parse(client.Assertion(), client.Key);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub, Good().ToString()));
        foreach (var forged in new[]
        {
            Good().SignedBy(s => other.Key.SignData(s, HashAlgorithmName.SHA256)),
            Good().SignedBy(s => identity.SigningKey.SignData(s, HashAlgorithmName.SHA256)),
            Good().SignedBy(_ => new byte[64]),
            Good().SignedBy(_ => []),
            Good().WithHeader("alg", "none").SignedBy(_ => []),
            Good().WithHeader("alg", "HS256").SignedBy(s => HMACSHA256.HashData(client.Key.ExportSubjectPublicKeyInfo(), s)),
            Good().WithHeader("alg", "RS256").SignedBy(s => rsa.SignData(s, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            Good().WithHeader("kid", "unknown"),
            Good().WithHeader("typ", "at+jwt"),
            Good().WithHeader("crit", "exp"),
            Good().WithHeader("jku", "http://127.0.0.1:1/jwks"),
        })
        {
            Assert.True(await StatusAsync(hub, forged.ToString()) is HttpStatusCode.Unauthorized, string.Join(',', forged.Header));
        }
    }

    [Fact]
    public async Task An_access_token_is_no_assertion()
    {
        var (hub, client) = await identity.StartedAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub, client.AccessToken));
    }

    private static int Issued(TestHub hub) => hub.Log.Lines.Count(line => line.Contains("issued an access token to client water-system", StringComparison.Ordinal));

    // What a busy machine did not even hear, or said it cannot answer now, is asked again; null when the answer was cut off.
    private static async Task<HttpStatusCode?> AnswerAsync(TestHub node, string assertion)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var status = await StatusAsync(node, assertion);
                if (status is not HttpStatusCode.ServiceUnavailable || began.Elapsed > Patience)
                {
                    return status;
                }
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError && began.Elapsed < Patience)
            {
                // Refused before anything was sent.
            }
            catch (HttpRequestException e) when (e.HttpRequestError is not HttpRequestError.ConnectionError)
            {
                return null;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(TestHub hub, string assertion)
    {
        using var response = await TestClient.RequestAsync(hub, assertion);
        return response.StatusCode;
    }
}
