using System.Security.Cryptography;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Grpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity;

/// <summary>A client's keys take each other's place without a gap; one that is taken away takes its tokens along (reliability E4, T30).</summary>
public sealed class ClientKeyTests(IdentityHub identity)
{
    private static readonly TimeSpan StreamsEnd = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_next_key_is_added_while_the_old_one_is_good_and_removing_that_one_ends_its_tokens_and_no_others()
    {
        await using var hub = await TestHub.StartAsync("roll_over", EdgeHub.Settings);
        var second = await hub.StartSecondNodeAsync();
        var client = await hub.RegisterAsync("roller");
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = client.AccessToken;
        await IdentityHub.EventuallyAsync("OK", TestClient.With(second, token));
        using var stream = new EdgeTest.EdgeTestClient(TestClient.With(second, token)).Down(new EdgeMessage { Text = "hang" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));

        var added = await AddAsync(hub, "roller", next, "next");
        var again = await AddAsync(hub, "roller", next, "next");
        var old = Assert.Single((await ClientsAsync(hub, "roller"))[0].Keys, key => key.Name != added.Name);
        var (before, after) = (await client.TokenAsync(), await TokenAsync(hub, "roller-system", next, "next"));
        var left = await IdentityOf(hub).RemoveClientKeyAsync(new RemoveClientKeyRequest { Name = old.Name });
        await IdentityOf(hub).RemoveClientKeyAsync(new RemoveClientKeyRequest { Name = old.Name });
        var end = await TestStatus.RefusalOf(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(StreamsEnd));

        Assert.Equal(added, again);
        Assert.Equal(added.Name, Assert.Single(left.Keys).Name);
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_REVOKED"), end);
        foreach (var node in new[] { hub, second })
        {
            await IdentityHub.EventuallyAsync("TOKEN_REVOKED", TestClient.With(node, before));
            Assert.Equal("OK", await IdentityHub.AnswerAsync(TestClient.With(node, after)));
        }

        await Assert.ThrowsAsync<HttpRequestException>(client.TokenAsync);
        Assert.Equal("OK", await IdentityHub.AnswerAsync(TestClient.With(hub, await TokenAsync(hub, "roller-system", next, "next"))));
    }

    [Fact]
    public async Task A_key_that_expires_proves_nothing_afterwards_and_neither_do_its_tokens()
    {
        var (hub, _) = await identity.StartedAsync();
        var client = await hub.RegisterAsync("expirer");
        var key = Assert.Single((await ClientsAsync(hub, "expirer"))[0].Keys);

        await IdentityOf(hub).AddClientKeyAsync(new AddClientKeyRequest
        {
            Parent = "departments/expirer/clients/expirer-system",
            Key = new() { Jwk = key.Jwk, ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddSeconds(3)) },
        });
        var (good, token) = (await identity.AnswerAsync(client.AccessToken), await client.TokenAsync());
        await IdentityHub.EventuallyAsync("TOKEN_REVOKED", TestClient.With(hub, token));

        Assert.Equal("OK", good);
        await Assert.ThrowsAsync<HttpRequestException>(client.TokenAsync);
    }

    [Fact]
    public async Task Bad_keys_are_refused_with_what_is_wrong_and_change_nothing()
    {
        var (hub, _) = await identity.StartedAsync();
        await hub.RegisterAsync("picky");
        var secret = await hub.RegisterSecretAsync("picky", "picky-trial");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = Server.Identity.WebKeys.Of(key.ExportParameters(true));
        var good = Server.Identity.WebKeys.PublicJwk(jwk);

        async Task<string> RefusedAsync(string client, RegisteredKey given) => await TestStatus.ViolationOf(
            async () => await IdentityOf(hub).AddClientKeyAsync(new AddClientKeyRequest { Parent = $"departments/picky/clients/{client}", Key = given }));

        Assert.Equal("key.jwk NOT_A_JWK", await RefusedAsync("picky-system", new() { Jwk = "nonsense" }));
        Assert.Equal("key.jwk PRIVATE_KEY", await RefusedAsync("picky-system", new() { Jwk = good.Replace("\"use\"", "\"d\":\"x\",\"use\"", StringComparison.Ordinal) }));
        Assert.Equal("key.jwk DUPLICATE_KID", await RefusedAsync("picky-system", new() { Jwk = good.Replace("\"kid\"", "\"kidd\"", StringComparison.Ordinal) }));
        Assert.Equal("key.jwk REQUIRED", await RefusedAsync("picky-system", new() { Certificate = "x" }));
        Assert.Equal("key.expire_time OUT_OF_RANGE", await RefusedAsync("picky-system", new() { Jwk = good, ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-1)) }));
        Assert.Equal("key.expire_time OUT_OF_RANGE", await RefusedAsync("picky-system", new() { Jwk = good, ExpireTime = new() { Seconds = long.MaxValue } }));
        Assert.Equal("key NOT_APPLICABLE", await RefusedAsync("picky-trial", new() { Jwk = good }));
        Assert.NotEqual("", secret);
        Assert.Equal([1, 0], (await ClientsAsync(hub, "picky")).OrderBy(client => client.Name).Select(client => client.Keys.Count));
        Assert.Equal(
            (StatusCode.NotFound, "CLIENT_NOT_FOUND"),
            await TestStatus.RefusalOf(async () => await IdentityOf(hub).AddClientKeyAsync(new AddClientKeyRequest { Parent = "departments/picky/clients/nobody", Key = new() { Jwk = good } })));
    }

    [Fact]
    public async Task Only_the_operator_changes_keys_and_a_disabled_client_gets_none()
    {
        var (hub, _) = await identity.StartedAsync();
        var client = await hub.RegisterAsync("keeper", role: Role.Steward);
        var own = new IdentityService.IdentityServiceClient(client.Invoker);
        var key = Assert.Single((await ClientsAsync(hub, "keeper"))[0].Keys);
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var refusals = new[]
        {
            await TestStatus.RefusalOf(async () => await own.AddClientKeyAsync(new AddClientKeyRequest { Parent = "departments/keeper/clients/keeper-system", Key = new() { Jwk = key.Jwk } })),
            await TestStatus.RefusalOf(async () => await own.RemoveClientKeyAsync(new RemoveClientKeyRequest { Name = key.Name })),
        };
        await hub.DisableAsync(client);

        Assert.All(refusals, refusal => Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), refusal));
        Assert.Equal((StatusCode.FailedPrecondition, "CLIENT_IS_DISABLED"), await TestStatus.RefusalOf(() => AddAsync(hub, "keeper", next, "next")));
    }

    private static IdentityService.IdentityServiceClient IdentityOf(TestHub hub) => new(hub.Operator.Invoker);

    private static async Task<IReadOnlyList<Client>> ClientsAsync(TestHub hub, string department) =>
        (await IdentityOf(hub).ListClientsAsync(new ListClientsRequest { Parent = $"departments/{department}" })).Clients;

    private static async Task<RegisteredKey> AddAsync(TestHub hub, string department, ECDsa key, string id)
    {
        var jwk = Server.Identity.WebKeys.Of(key.ExportParameters(includePrivateParameters: false));
        jwk.Kid = id;
        return await IdentityOf(hub).AddClientKeyAsync(
            new AddClientKeyRequest { Parent = $"departments/{department}/clients/{department}-system", Key = new() { Jwk = Server.Identity.WebKeys.PublicJwk(jwk) } });
    }

    private static async Task<string> TokenAsync(TestHub hub, string client, ECDsa key, string id)
    {
        var assertion = TestClient.Assertion(hub, client, new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = id }, SecurityAlgorithms.EcdsaSha256));
        using var response = await TestClient.RequestAsync(hub, assertion);
        response.EnsureSuccessStatusCode();
        return System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("access_token").GetString()!;
    }
}
