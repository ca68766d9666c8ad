using System.Collections.Frozen;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Protos.V1;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Exchange.Server.Identity.External;
using Exchange.Server.Tests.Clients;
using Exchange.Server.Tests.Grpc;
using Exchange.Server.Tests.Interop;
using Exchange.Testing;
using Grpc.Core;

namespace Exchange.Server.Tests.Identity.External;

/// <summary>Tokens of an issuer beside the hub's own, each good for its departments.</summary>
public sealed class ExternalIssuerTests
{
    private const string Mapping = "departments=housing;audience=urn:hub;department-claim=org;role-claim=roles;roles=hub-system:department-system,hub-steward:steward";

    // The hub asks the issuer again every ten seconds at most.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Both_issuers_tokens_are_good_side_by_side_each_for_its_departments_only()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var hub = await StartAsync("external", issuer.Name);
        var water = await hub.RegisterAsync("water");
        await hub.RegisterDepartmentAsync("housing");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await hub.RegisterKeysAsync("housing", "housing-own", WebKeys.Of(key.ExportParameters(true)));
        using var signing = hub.SigningKey;

        await EventuallyAsync("OK", hub, issuer.Token());
        using var refused = await TestClient.RequestAsync(hub, TestClient.Assertion(hub, "housing-own", new(new Microsoft.IdentityModel.Tokens.ECDsaSecurityKey(key), "ES256")));

        Assert.Equal("OK", await AnswerAsync(hub, water.AccessToken));
        Assert.Equal("OK", await AnswerAsync(hub, issuer.Token(role: "hub-steward")));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("unauthorized_client", (await refused.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("error").GetString());

        // The hub's own token for its department, and the issuer's for one of the hub's.
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, ForgedToken.Parse(water.AccessToken, signing).WithClaim("department", "housing").WithClaim("client_id", "housing-own").WithClaim("sub", "housing-own")));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, issuer.Token(department: "water")));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, issuer.Token(department: "hub-operator", role: "operator")));
    }

    [Fact]
    public async Task What_is_not_exactly_an_access_token_of_the_issuer_for_the_hub_is_refused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var other = WebKeys.New("ES256");
        issuer.Keys.Add(WebKeys.New("PS256"));
        await using var hub = await StartAsync("external_bad", issuer.Name);
        await hub.RegisterDepartmentAsync("housing");
        var good = issuer.Token();
        await EventuallyAsync("OK", hub, good);
        using var foreign = WebKeys.ToECDsa(other);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        foreach (var bad in new[]
        {
            good.SignedBy(signed => foreign.SignData(signed, HashAlgorithmName.SHA256)),
            good.WithHeader("kid", other.Kid), good.WithHeader("kid", null), good.WithHeader("kid", issuer.Keys[1].Kid), good.WithHeader("kid", "'; DROP TABLE x"),
            good.WithHeader("alg", "none"), good.WithHeader("alg", "HS256"), good.WithHeader("alg", "RS256"), good.WithHeader("alg", "ES384"),
            good.WithHeader("typ", "JWT"), good.WithHeader("typ", null), good.WithHeader("typ", "dpop+jwt"), good.WithHeader("crit", new[] { "b64" }), good.WithHeader("b64", false), good.WithHeader("zip", "DEF"),
            good.WithClaim("iss", issuer.Name + "/x"), good.WithClaim("iss", null), good.WithClaim("aud", null), good.WithClaim("aud", "urn:other"), good.WithClaim("aud", new[] { "urn:other" }), good.WithClaim("aud", 1),
            good.WithClaim("exp", null), good.WithClaim("exp", "soon"), good.WithClaim("exp", now + 3_800), good.WithClaim("exp", now + 86_400 * 365), good.WithClaim("exp", 253_402_300_799), good.WithClaim("exp", 253_402_300_795).WithClaim("iat", 253_402_300_795).WithClaim("nbf", now), good.WithClaim("iat", null), good.WithClaim("iat", now + 60), good.WithClaim("nbf", now + 3600),
            good.WithClaim("org", null), good.WithClaim("org", "water"), good.WithClaim("org", new[] { "housing" }), good.WithClaim("org", "HOUSING"),
            good.WithClaim("roles", null), good.WithClaim("roles", "operator"), good.WithClaim("roles", new[] { "hub-system", "hub-steward" }), good.WithClaim("roles", Array.Empty<string>()),
            good.WithClaim("client_id", null), good.WithClaim("client_id", ""), good.WithClaim("client_id", new string('x', 201)), good.WithClaim("client_id", "a\nb"),
            good.WithClaim("cnf", new Dictionary<string, string> { ["x5t#S256"] = "x" }), good.WithClaim("cnf", new Dictionary<string, string> { ["jkt"] = "x" }),
        })
        {
            Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, bad));
        }

        Assert.Equal("TOKEN_EXPIRED", await AnswerAsync(hub, good.WithClaim("iat", now - 600).WithClaim("exp", now - 300)));
        Assert.Equal("OK", await AnswerAsync(hub, good.WithClaim("aud", new[] { "urn:other", "urn:hub" })));
        Assert.Equal("OK", await AnswerAsync(hub, good.WithHeader("typ", "application/at+jwt")));
        Assert.Equal("OK", await AnswerAsync(hub, good.WithClaim("exp", now + 3_600)));
    }

    [Fact]
    public async Task A_role_over_the_whole_hub_is_not_the_issuers_to_give_whatever_its_claims_and_the_map_say()
    {
        await using var issuer = await TestIssuer.StartAsync();
        var roles = Enum.GetValues<Exchange.Catalog.Role>().Where(role => role is not Exchange.Catalog.Role.Unspecified).ToFrozenDictionary(RoleNames.ToText);
        await using var mapped = await StartAsync("external_map", issuer.Name, options => options with { Roles = roles });
        await using var standard = await StartAsync("external_wide", issuer.Name, options => options with { Roles = new ExternalIssuerOptions(options.Authority, options.Departments).Roles });
        foreach (var hub in new[] { mapped, standard })
        {
            await hub.RegisterDepartmentAsync("housing");
            await EventuallyAsync("OK", hub, issuer.Token(role: "steward"));

            Assert.Equal("OK", await AnswerAsync(hub, issuer.Token(role: "department-system")));
            Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, issuer.Token(role: "operator")));
            Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, issuer.Token(role: new[] { "staff", "auditor" })));
        }
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_asked_again_and_its_keys_may_change()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.IsUp = false;
        await using var hub = await StartAsync("external_away", issuer.Name);
        await hub.RegisterDepartmentAsync("housing");

        var away = await ReasonAsync(hub, issuer.Token());
        issuer.IsUp = true;
        await EventuallyAsync("OK", hub, issuer.Token());
        var old = issuer.Token();
        issuer.Keys.Insert(0, WebKeys.New("ES256"));
        await EventuallyAsync("OK", hub, issuer.Token());
        Assert.Equal("OK", await AnswerAsync(hub, old));
        issuer.Keys.RemoveAt(1);
        issuer.Keys.Insert(0, WebKeys.New("ES256"));
        await EventuallyAsync("OK", hub, issuer.Token());

        Assert.Equal((StatusCode.Unavailable, "ISSUER_UNKNOWN"), away);
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, old));
    }

    [Fact]
    public async Task Another_key_under_the_same_id_ends_the_tokens_of_the_one_before()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var hub = await StartAsync("external_swap", issuer.Name);
        await hub.RegisterDepartmentAsync("housing");
        var old = issuer.Token();
        await EventuallyAsync("OK", hub, old);
        var swapped = WebKeys.New("ES256");
        swapped.Kid = issuer.Keys[0].Kid;
        issuer.Keys[0] = swapped;

        // A key that is not known makes the hub ask.
        await EventuallyAsync("OK", hub, issuer.Token(), () => AnswerAsync(hub, issuer.Token().WithHeader("kid", "another")));

        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, old));
    }

    [Fact]
    public async Task A_document_of_somebody_else_is_not_believed()
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Claimed = "https://other.example";
        await using var hub = await StartAsync("external_other", issuer.Name);
        await hub.RegisterDepartmentAsync("housing");
        var began = Stopwatch.StartNew();
        while (!hub.Log.Lines.Any(line => line.Contains("calls itself", StringComparison.Ordinal)) && began.Elapsed < Patience)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal((StatusCode.Unavailable, "ISSUER_UNKNOWN"), await ReasonAsync(hub, issuer.Token()));
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, issuer.Token().WithClaim("iss", "https://other.example")));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    [InlineData("RS256")]
    public async Task A_certified_provider_gives_a_departments_program_tokens_that_the_hub_takes(string algorithm)
    {
        NodeProgram.Require("oidc-provider");
        using var provider = Process.Start(new ProcessStartInfo("node", [Path.Combine(ClientHub.Root, "tests", "npm", "oidc-provider.mjs")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            var clients = new[]
            {
                new { id = "housing-sync", secret = "a-secret-of-the-provider", department = "housing", role = "hub-system" },
                new { id = "water-sync", secret = "a-secret-of-the-provider", department = "water", role = "hub-system" },
            };
            await provider.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { clients, audience = "urn:hub", algorithm }));
            await provider.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            var line = await provider.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.False(line is null, await (line is null ? provider.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) : Task.FromResult("")));
            var said = JsonDocument.Parse(line!).RootElement;
            await using var hub = await StartAsync("external_oidc", said.GetProperty("issuer").GetString()!);
            await hub.RegisterDepartmentAsync("housing");
            await hub.RegisterDepartmentAsync("water");

            await EventuallyAsync("OK", hub, await TokenAsync(said, "housing-sync"));
            Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, await TokenAsync(said, "water-sync")));
            provider.StandardInput.Close();
        }
        finally
        {
            if (!provider.HasExited)
            {
                provider.Kill();
            }
        }
    }

    [Fact]
    public async Task A_caller_of_the_issuer_reads_and_is_audited_by_its_name_there()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var hub = await StartAsync("external_audit", issuer.Name);
        await hub.RegisterDepartmentAsync("housing");
        await EventuallyAsync("OK", hub, issuer.Token());
        var steward = new DepartmentsService.DepartmentsServiceClient(TestClient.With(hub, issuer.Token(client: "Wang Li 王丽", role: "hub-steward").ToString()));
        var policies = new PolicyService.PolicyServiceClient(TestClient.With(hub, issuer.Token(client: "Wang Li 王丽", role: "hub-steward").ToString()));

        var seen = await steward.ListDepartmentsAsync(new ListDepartmentsRequest());
        await policies.SetPolicyRowAsync(new SetPolicyRowRequest
        {
            PolicyRow = new()
            {
                Name = "policyRows/housing-own", Department = "departments/housing", Subject = "departments/housing", Object = "*", Actions = { PolicyAction.Read },
                Effect = PolicyEffect.Deny, Reason = "a test",
            },
        });
        var events = (await new AuditService.AuditServiceClient(hub.Operator.Invoker).ListEventsAsync(new ListEventsRequest { Partition = 1000, PageSize = 500 })).Events;

        Assert.Contains(seen.Departments, department => department.Name is "departments/housing");
        Assert.Equal(("departments/housing", "external/Wang Li 王丽"), events.Where(stored => stored.Type is "policy-row-set").Select(stored => (stored.Department, stored.Client)).Single());
    }

    [Theory]
    [InlineData("departments=housing", "authority")]
    [InlineData("authority=https://idp.example", "departments")]
    [InlineData("authority=http://idp.example;departments=housing", "https")]
    [InlineData("authority=https://idp.example;departments=Housing", "department")]
    [InlineData("authority=https://idp.example;departments=housing;roles=x:boss", "roles")]
    [InlineData("authority=https://idp.example;departments=housing;roles=x:steward,boss:operator", "register them at the hub")]
    [InlineData("authority=https://idp.example;departments=housing;roles=x:auditor", "register them at the hub")]
    [InlineData("authority=https://idp.example;departments=housing;colour=red", "colour")]
    [InlineData("authority=https://idp.example;departments=housing;departments=water", "once")]
    public void A_setting_that_makes_no_sense_is_refused_with_what_is_wrong(string text, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => ExternalIssuerOptions.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_operators_department_is_never_the_issuers()
    {
        var options = new HubOptions { ConnectionString = "Host=nowhere", ExternalIssuer = ExternalIssuerOptions.Parse("authority=https://idp.example;departments=hub-operator") };

        var refused = await Assert.ThrowsAsync<HubStartException>(() => HubNode.StartAsync(options, new TestLog(), TestContext.Current.CancellationToken));

        Assert.Contains("hub-operator", refused.Message, StringComparison.Ordinal);
    }

    private static Task<TestHub> StartAsync(string name, string issuer, Func<ExternalIssuerOptions, ExternalIssuerOptions>? change = null) => TestHub.StartAsync(
        name, EdgeHub.Settings with { Options = options => options with { ExternalIssuer = (change ?? (read => read))(ExternalIssuerOptions.Parse($"authority={issuer};{Mapping}")) } });

    private static Task<string> AnswerAsync(TestHub hub, object token) => IdentityHub.AnswerAsync(TestClient.With(hub, token.ToString()!));

    private static Task<(StatusCode Code, string Reason)> ReasonAsync(TestHub hub, object token) =>
        TestStatus.RefusalOf(async () => await new EdgeTest.EdgeTestClient(TestClient.With(hub, token.ToString()!)).UnaryAsync(new EdgeMessage()));

    private static async Task EventuallyAsync(string expected, TestHub hub, object token, Func<Task>? meanwhileAsync = null)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await AnswerAsync(hub, token) is var answer && (answer == expected || began.Elapsed > Patience))
                {
                    Assert.Equal(expected, answer);
                    return;
                }
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable && began.Elapsed < Patience)
            {
                // Its keys are not read yet.
            }

            await (meanwhileAsync?.Invoke() ?? Task.CompletedTask);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> TokenAsync(JsonElement provider, string client)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, provider.GetProperty("token_endpoint").GetString())
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{client}:a-secret-of-the-provider"))) },
        };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("access_token").GetString()!;
    }
}
