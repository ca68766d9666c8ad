using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Protos.V1;
using Exchange.Server.Audit;
using Exchange.Server.Hosting;
using Exchange.Server.Tests.Grpc;
using Exchange.Testing;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace Exchange.Server.Tests.Identity.SigningKeys;

/// <summary>The hub's signing keys: kept in the log, sealed, and swapped.</summary>
public sealed class SigningKeyTests
{
    private static readonly TimeSpan StreamsEnd = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_key_that_leaked_is_refused_at_once_on_every_node_its_streams_too_and_a_restart_changes_nothing()
    {
        await using var hub = await TestHub.StartAsync("leaked_key", EdgeHub.Settings);
        var second = await hub.StartSecondNodeAsync();
        var client = await hub.RegisterAsync("water");
        var (token, auditor) = (client.AccessToken, await hub.RegisterAsync("audit", role: Role.Auditor));
        await IdentityHub.EventuallyAsync("OK", TestClient.With(second, token));
        using var stream = new EdgeTest.EdgeTestClient(TestClient.With(second, token)).Down(new EdgeMessage { Text = "hang" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        using var planned = hub.SigningKey;

        var waiting = await IdentityOf(hub.Operator).RotateSigningKeyAsync(new RotateSigningKeyRequest());
        var twice = await TestStatus.RefusalOf(async () => await IdentityOf(hub.Operator).RotateSigningKeyAsync(new RotateSigningKeyRequest()));
        var added = await IdentityOf(hub.Operator).RotateSigningKeyAsync(new RotateSigningKeyRequest { AtOnce = true });
        var end = await TestStatus.RefusalOf(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(StreamsEnd));
        var answers = new[] { await AnswerAsync(hub, token), await AnswerAsync(second, token), await AnswerAsync(second, await client.TokenAsync()) };
        await hub.RestartAsync();
        await auditor.SignInAsync();
        var listed = (await IdentityOf(auditor).ListSigningKeysAsync(new ListSigningKeysRequest())).SigningKeys;

        Assert.Equal((StatusCode.FailedPrecondition, "ROTATION_UNDER_WAY"), twice);
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"), end);
        Assert.Equal(["TOKEN_INVALID", "TOKEN_INVALID", "OK"], answers);
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, token));
        Assert.Equal([false, false, true], listed.Select(key => key.Signing));
        Assert.Equal([waiting.Name, added.Name], listed.Skip(1).Select(key => key.Name));
        Assert.All(listed.Take(2), key => Assert.Equal(added.SignTime, key.AcceptUntil));
        Assert.Null(listed[2].AcceptUntil);
    }

    [Fact]
    public async Task A_key_that_leaked_is_refused_at_once_also_on_a_node_whose_clock_is_behind()
    {
        var late = TimeSpan.FromMinutes(-5);
        await using var hub = await TestHub.StartAsync("leaked_late", EdgeHub.Settings);
        var second = await hub.StartSecondNodeAsync(options => options with { Clock = new FastTime(1, late) });
        var client = await hub.RegisterAsync("water");
        using var leaked = hub.SigningKey;
        var there = (DateTimeOffset.UtcNow + late).ToUnixTimeSeconds();

        // As somebody signs who has the leaked key, by that node's time.
        var forged = ForgedToken.Parse(client.AccessToken, leaked).WithClaim("iat", there).WithClaim("exp", there + 600).ToString();
        await IdentityHub.EventuallyAsync("OK", TestClient.With(second, forged));
        var added = await IdentityOf(hub.Operator).RotateSigningKeyAsync(new RotateSigningKeyRequest { AtOnce = true });
        await IdentityHub.EventuallyAsync("TOKEN_INVALID", TestClient.With(second, forged));
        using var given = await TestClient.RequestAsync(second, client.Assertion(("iat", there), ("exp", there + 60)));
        var token = (await given.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("access_token").GetString()!;
        var published = await second.Http.GetStringAsync(new Uri("/.well-known/jwks", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("OK", await AnswerAsync(second, token));
        Assert.Equal(added.Name, $"signingKeys/{new JsonWebToken(token).Kid}");
        Assert.DoesNotContain(new JsonWebToken(forged).Kid, published, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_the_operators_to_swap_and_the_auditors_to_see()
    {
        await using var hub = await TestHub.StartAsync("key_roles");
        var steward = await hub.RegisterAsync("water", role: Role.Steward);
        var auditor = await hub.RegisterAsync("water", "water-auditor", Role.Auditor);

        var refusals = new[]
        {
            await TestStatus.RefusalOf(async () => await IdentityOf(steward).RotateSigningKeyAsync(new RotateSigningKeyRequest())),
            await TestStatus.RefusalOf(async () => await IdentityOf(steward).ListSigningKeysAsync(new ListSigningKeysRequest())),
            await TestStatus.RefusalOf(async () => await IdentityOf(auditor).RotateSigningKeyAsync(new RotateSigningKeyRequest())),
        };

        Assert.All(refusals, refusal => Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), refusal));
        Assert.Single((await IdentityOf(auditor).ListSigningKeysAsync(new ListSigningKeysRequest())).SigningKeys);
    }

    [Fact]
    public async Task A_key_file_of_an_older_hub_is_taken_over_once_and_never_another()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("key_file");
        var folder = Directory.CreateTempSubdirectory("test-hub-");
        var (file, other) = (WriteKey(folder, "first.pem"), WriteKey(folder, "other.pem"));
        await using var hub = await TestHub.StartAsync("key_file", new() { ConnectionString = connectionString, Options = options => options with { SigningKeyFile = file } });
        using var given = ECDsa.Create();
        given.ImportFromPem(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

        using (var signing = hub.SigningKey)
        {
            Assert.Equal(given.ExportSubjectPublicKeyInfo(), signing.ExportSubjectPublicKeyInfo());
        }

        await hub.RestartAsync();
        var refused = await Assert.ThrowsAsync<HubStartException>(() => hub.StartSecondNodeAsync(options => options with { SigningKeyFile = other }));
        Assert.Contains("rotate", refused.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_private_half_is_nowhere_in_the_database_in_the_clear_and_without_the_hub_key_no_node_starts()
    {
        await using var hub = await TestHub.StartAsync("sealed_key");
        await hub.RegisterAsync("water");
        using var signing = hub.SigningKey;
        var secret = signing.ExportParameters(includePrivateParameters: true).D!;

        var shown = (await new Protos.V1.AuditService.AuditServiceClient(hub.Operator.Invoker).ListEventsAsync(new ListEventsRequest { Partition = 1000 })).Events;
        var foreign = Path.Combine(hub.Options.DataDirectory, "other-hub-key");
        PrivateFile.Write(foreign, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        var refused = await Assert.ThrowsAsync<HubStartException>(() => hub.StartSecondNodeAsync(options => options with { HubKeyFile = foreign }));

        Assert.Contains("hub key", refused.Message, StringComparison.Ordinal);
        Assert.Contains(shown, stored => stored.Type is "signing-key-added" && !stored.PayloadJson.Contains("sealed", StringComparison.OrdinalIgnoreCase));
        foreach (var payload in await PayloadsAsync(hub))
        {
            Assert.True(payload.AsSpan().IndexOf(secret) < 0);
            Assert.DoesNotContain(Convert.ToBase64String(secret).TrimEnd('='), Encoding.Latin1.GetString(payload), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_key_that_somebody_wrote_into_the_database_is_not_the_hubs()
    {
        await using var hub = await TestHub.StartAsync("planted_key", EdgeHub.Settings);
        var client = await hub.RegisterAsync("water");
        using var planted = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = Server.Identity.WebKeys.Of(planted.ExportParameters(includePrivateParameters: true));

        // As the hub would store it, but sealed under a key that is not the hub's.
        var key = new Protos.Stored.V1.SigningKeyAdded
        {
            Id = jwk.Kid,
            PublicJwk = Server.Identity.WebKeys.PublicJwk(jwk),
            SealedPrivateKey = Google.Protobuf.ByteString.CopyFrom(EventStore.Sealing.SealedBytes.Seal(new byte[32], planted.ExportPkcs8PrivateKey(), Encoding.UTF8.GetBytes(jwk.Kid))),
            CreateTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow),
            SignTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(10)),
        };
        await PlantAsync(hub, Google.Protobuf.MessageExtensions.ToByteArray(key));
        var token = ForgedToken.Parse(client.AccessToken, planted).WithHeader("kid", jwk.Kid);

        Assert.Equal(2, hub.Services.GetRequiredService<Server.Governance.GovernanceStore>().Current.SigningKeys.Keys.Length);
        Assert.Equal("TOKEN_INVALID", await AnswerAsync(hub, token.ToString()));
        Assert.DoesNotContain(jwk.Kid, await hub.Http.GetStringAsync(new Uri("/.well-known/jwks", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heads_that_an_older_key_signed_are_believed_after_it_was_swapped_and_removed()
    {
        await using var hub = await TestHub.StartAsync("old_heads");
        await hub.Services.GetServices<IHostedService>().OfType<HeadExporter>().Single().ExportAsync(CancellationToken.None);
        await IdentityOf(hub.Operator).RotateSigningKeyAsync(new RotateSigningKeyRequest { AtOnce = true });
        await hub.Operator.SignInAsync();

        var verified = await new Protos.V1.AuditService.AuditServiceClient(hub.Operator.Invoker).VerifyLogAsync(new VerifyLogRequest());

        Assert.Equal(0, verified.UnsignedHeads);
        Assert.True(verified.ExportedHeads > 0);
    }

    [Fact]
    public async Task A_key_whose_period_is_over_is_swapped_without_being_asked()
    {
        // Nobody signs in: at this pace an assertion would have gone off on its way.
        var folder = Directory.CreateTempSubdirectory("test-hub-");
        var node = await HubNode.StartAsync(
            new HubOptions
            {
                ConnectionString = await TestPostgres.CreateDatabaseAsync("key_period"),
                DataDirectory = folder.FullName,
                GrpcAddress = new Uri("http://127.0.0.1:0"),
                HttpAddress = new Uri("http://127.0.0.1:0"),
                Clock = new FastTime(3600),
                SigningKeyPeriod = TimeSpan.FromHours(1),
            },
            NullLoggerFactory.Instance,
            TestContext.Current.CancellationToken);
        var store = node.Services.GetRequiredService<Server.Governance.GovernanceStore>();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        while (store.Current.SigningKeys.Keys.Length < 3)
        {
            await store.WaitBeyondAsync(store.Current.Position, patience.Token);
        }

        await node.DisposeAsync();
        folder.Delete(recursive: true);
        var keys = store.Current.SigningKeys.Keys;
        Assert.All(keys.Zip(keys.Skip(1)), pair => Assert.True(pair.Second.CreateTime - pair.First.SignTime >= TimeSpan.FromHours(1)));
    }

    private static IdentityService.IdentityServiceClient IdentityOf(TestClient client) => new(client.Invoker);

    private static Task<string> AnswerAsync(TestHub node, string token) => IdentityHub.AnswerAsync(TestClient.With(node, token));

    private static string WriteKey(DirectoryInfo folder, string name)
    {
        var file = Path.Combine(folder.FullName, name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PrivateFile.Write(file, key.ExportPkcs8PrivateKeyPem());
        return file;
    }

    private static async Task<List<byte[]>> PayloadsAsync(TestHub hub)
    {
        await using var source = NpgsqlDataSource.Create(hub.Services.GetRequiredService<HubDatabase>().ConnectionString);
        await using var command = source.CreateCommand("SELECT payload FROM log.event");
        await using var reader = await command.ExecuteReaderAsync();
        var payloads = new List<byte[]>();
        while (await reader.ReadAsync())
        {
            payloads.Add(reader.GetFieldValue<byte[]>(0));
        }

        return payloads;
    }

    // Past the hub, with the rights of the database's owner; the chain, which would show it, is not looked at here.
    private static async Task PlantAsync(TestHub hub, byte[] payload)
    {
        const string sql = """
            INSERT INTO log.event (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
            SELECT partition, head + 1, gen_random_uuid(), 1, 'signing-key-added', $1, 'x', 'x', head, now(), head_hash FROM log.log_partition WHERE partition = 1000;
            """;
        await using var source = NpgsqlDataSource.Create(hub.Services.GetRequiredService<HubDatabase>().ConnectionString);
        await using (var command = source.CreateCommand(sql))
        {
            command.Parameters.Add(new() { Value = payload });
            await command.ExecuteNonQueryAsync();
        }

        var store = hub.Services.GetRequiredService<Server.Governance.GovernanceStore>();
        var before = store.Current.Position;
        await using (var command = source.CreateCommand("UPDATE log.log_partition SET head = head + 1 WHERE partition = 1000"))
        {
            await command.ExecuteNonQueryAsync();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await store.WaitBeyondAsync(before, patience.Token);
    }
}
