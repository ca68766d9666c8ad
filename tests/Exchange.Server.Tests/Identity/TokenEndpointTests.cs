using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Exchange.Protos.V1;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity;

public sealed class TokenEndpointTests(TokenEndpointTests.Hub hub) : IClassFixture<TokenEndpointTests.Hub>
{
    private static readonly Uri Endpoint = new("/connect/token", UriKind.Relative);

    [Fact]
    public async Task A_client_gets_a_token_that_another_implementation_verifies_by_discovery_alone()
    {
        var client = await hub.It.RegisterAsync("water", role: Role.Steward);

        var token = await client.TokenAsync();

        var metadata = await hub.It.Http.GetFromJsonAsync<JsonElement>(new Uri("/.well-known/openid-configuration", UriKind.Relative));
        var issuer = metadata.GetProperty("issuer").GetString();
        var jwks = await hub.It.Http.GetStringAsync(new Uri(metadata.GetProperty("jwks_uri").GetString()!));
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = "dataexchange",
            ValidTypes = ["at+jwt"],
            ValidAlgorithms = ["ES256"],
            IssuerSigningKeys = new JsonWebKeySet(jwks).Keys,
            TryAllIssuerSigningKeys = false,
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal("water-system", result.Claims["client_id"]);
        Assert.Equal("water-system", result.Claims["sub"]);
        Assert.Equal("water", result.Claims["department"]);
        Assert.Equal("steward", result.Claims["role"]);
        Assert.Equal(600, result.SecurityToken.ValidTo.Subtract(DateTimeOffset.FromUnixTimeSeconds((long)result.Claims["iat"]).UtcDateTime).TotalSeconds);
    }

    [Fact]
    public async Task Discovery_is_the_same_under_both_names_and_names_real_addresses()
    {
        var openId = await hub.It.Http.GetStringAsync(new Uri("/.well-known/openid-configuration", UriKind.Relative));
        var oauth = await hub.It.Http.GetStringAsync(new Uri("/.well-known/oauth-authorization-server", UriKind.Relative));

        Assert.Equal(openId, oauth);
        var metadata = JsonDocument.Parse(openId).RootElement;
        Assert.Equal(hub.It.Node.Addresses.TokenEndpoint, metadata.GetProperty("token_endpoint").GetString());
        Assert.Equal(hub.It.Node.Addresses.Issuer + "/connect/introspect", metadata.GetProperty("introspection_endpoint").GetString());
        Assert.Equal(hub.It.Node.Addresses.Issuer + "/connect/revoke", metadata.GetProperty("revocation_endpoint").GetString());
        Assert.Equal(["ES256", "PS256"], metadata.GetProperty("token_endpoint_auth_signing_alg_values_supported").EnumerateArray().Select(m => m.GetString()!));
        Assert.Equal(["private_key_jwt", "client_secret_basic", "client_secret_post"], metadata.GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(m => m.GetString()!));
    }

    [Fact]
    public async Task An_answer_is_never_cached()
    {
        var client = await hub.It.RegisterAsync("cache");

        using var granted = await TestClient.RequestAsync(hub.It, client.Assertion());
        using var refused = await TestClient.RequestAsync(hub.It, "x");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (granted.StatusCode, refused.StatusCode));
        Assert.True(granted.Headers.CacheControl?.NoStore);
        Assert.True(refused.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_secret_is_taken_in_the_header_and_in_the_body()
    {
        var secret = await hub.It.RegisterSecretAsync("trial", "trial-both");

        Assert.Equal((200, ""), await AskAsync(("grant_type", "client_credentials"), ("client_id", "trial-both"), ("client_secret", secret)));
        Assert.Equal((200, ""), await AskBasicAsync("trial-both", secret));
        Assert.Equal((401, "invalid_client"), await AskBasicAsync("trial-both", secret + "x"));
        Assert.Equal((401, "invalid_client"), await AskBasicAsync("trial-nobody", secret));
    }

    [Fact]
    public async Task Guessing_is_slowed_down_but_the_client_that_proved_itself_goes_on()
    {
        var secret = await hub.It.RegisterSecretAsync("trial", "trial-guess");
        Assert.Equal(200, (await AskBasicAsync("trial-guess", secret)).Status);

        var guesses = new List<int>();
        for (var i = 0; i < 25 && !guesses.Contains(429); i++)
        {
            // 25, for the case that a minute turns in between.
            guesses.Add((await AskBasicAsync("trial-guess", $"guess{i}")).Status);
        }

        Assert.Contains(429, guesses);
        Assert.Equal(200, (await AskBasicAsync("trial-guess", secret)).Status);
    }

    [Fact]
    public async Task A_request_that_is_not_the_standards_gets_the_standards_error()
    {
        var secret = await hub.It.RegisterSecretAsync("trial", "trial-form");
        (string, string)[] good = [("grant_type", "client_credentials"), ("client_id", "trial-form"), ("client_secret", secret)];

        Assert.Equal((400, "invalid_request"), await AskAsync(good[1..]));
        Assert.Equal((400, "unsupported_grant_type"), await AskAsync([("grant_type", "password"), .. good[1..]]));
        Assert.Equal((400, "invalid_request"), await AskAsync([.. good, ("client_id", "trial-form")]));
        Assert.Equal((400, "invalid_scope"), await AskAsync([.. good, ("scope", "everything")]));
        Assert.Equal((200, ""), await AskAsync([.. good, ("scope", "")]));
        Assert.Equal((400, "invalid_request"), await AskAsync([.. good, ("padding", new string('x', 40_000))]));
        Assert.Equal((401, "invalid_client"), await AskAsync(("grant_type", "client_credentials")));
        using var get = await hub.It.Http.GetAsync(Endpoint);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        using var json = new StringContent("""{"grant_type":"client_credentials"}""", Encoding.UTF8, "application/json");
        Assert.Equal((400, "invalid_request"), await AnswerAsync(await hub.It.Http.PostAsync(Endpoint, json)));
        using var inUrl = Form(good);
        Assert.Equal((400, "invalid_request"), await AnswerAsync(await hub.It.Http.PostAsync(new Uri("/connect/token?client_id=trial-form", UriKind.Relative), inUrl)));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded;;")]
    [InlineData("application/x-www-form-urlencoded-as-well")]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_content_type_that_is_none_is_a_bad_request(string contentType)
    {
        using var body = new ByteArrayContent("grant_type=client_credentials"u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", contentType);

        Assert.Equal((400, "invalid_request"), await AnswerAsync(await hub.It.Http.PostAsync(Endpoint, body, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, true)]
    public async Task A_body_over_the_limit_is_refused_and_the_client_is_told_that_its_connection_ends(int more, bool? closes)
    {
        using var body = new ByteArrayContent(new byte[(32 * 1024) + more]);
        body.Headers.TryAddWithoutValidation("Content-Type", "text/plain");

        using var response = await hub.It.Http.PostAsync(Endpoint, body, TestContext.Current.CancellationToken);

        Assert.Equal(closes, response.Headers.ConnectionClose);
        Assert.Equal((400, "invalid_request"), await AnswerAsync(response));
    }

    [Fact]
    public async Task Two_methods_at_once_are_refused_and_so_is_a_method_the_client_is_not_registered_with()
    {
        var keyClient = await hub.It.RegisterAsync("both");
        var secret = await hub.It.RegisterSecretAsync("trial", "trial-two");
        (string, string)[] byKey = [("grant_type", "client_credentials"), ("client_assertion_type", TestClient.AssertionType)];

        Assert.Equal((400, "invalid_request"), await AskAsync([.. byKey, ("client_assertion", keyClient.Assertion()), ("client_id", "both-system"), ("client_secret", "x")]));
        Assert.Equal((401, "invalid_client"), await AskAsync(("grant_type", "client_credentials"), ("client_id", "both-system"), ("client_secret", secret)));
        Assert.Equal((401, "invalid_client"), await AskAsync([.. byKey, ("client_assertion", keyClient.Assertion()), ("client_id", "trial-two")]));
        Assert.Equal((200, ""), await AskAsync([.. byKey, ("client_assertion", keyClient.Assertion()), ("client_id", "both-system")]));
        Assert.Equal((401, "invalid_client"), await AskAsync(("grant_type", "client_credentials"), ("client_assertion_type", "urn:other"), ("client_assertion", keyClient.Assertion())));
    }

    private async Task<(int Status, string Error)> AskAsync(params (string Name, string Value)[] parameters)
    {
        using var form = Form(parameters);
        return await AnswerAsync(await hub.It.Http.PostAsync(Endpoint, form));
    }

    private async Task<(int Status, string Error)> AskBasicAsync(string client, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint) { Content = Form([("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client}:{secret}")));
        return await AnswerAsync(await hub.It.Http.SendAsync(request));
    }

    private static FormUrlEncodedContent Form(IEnumerable<(string Name, string Value)> parameters) => new(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value)));

    private static async Task<(int Status, string Error)> AnswerAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();
            return ((int)response.StatusCode, body.TryGetProperty("error", out var error) ? error.GetString()! : "");
        }
    }

    public sealed class Hub : IAsyncLifetime
    {
        public TestHub It { get; private set; } = null!;

        public async ValueTask InitializeAsync() => It = await TestHub.StartAsync("token_endpoint");

        public ValueTask DisposeAsync() => It.DisposeAsync();
    }
}
