using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Protos.V1;
using Exchange.Server.Identity;
using Exchange.Server.Tests.Grpc;
using Exchange.Server.Tests.Identity.Certificates;
using Exchange.Server.Tests.Identity.Users;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>A hub with TLS under attack: what the attacker got hold of, what the hub counted and which handlers it reached.</summary>
[SupportedOSPlatform("linux")]
public sealed class AttackCity : IAsyncLifetime
{
    public const string Subject = "CN=housing-sync, O=Housing";

    private readonly ReachedHandlers reached = new();
    private CertificateHub city = null!;

    internal TestHub Hub => city.Hub;

    internal TestAuthority Authority => city.Authority;

    /// <summary>A department's machine with a key, whom the attacker wants to be.</summary>
    public TestClient Victim { get; private set; } = null!;

    /// <summary>Another one, that the attacker may be.</summary>
    public TestClient Other { get; private set; } = null!;

    /// <summary>The key of access tokens: as if the attacker could have anything signed.</summary>
    public ECDsa SigningKey { get; private set; } = null!;

    /// <summary>A good token of the victim.</summary>
    public ForgedToken Good => ForgedToken.Parse(Victim.AccessToken, SigningKey);

    /// <summary>Keys of the attacker's own.</summary>
    public ECDsa Foreign { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa P384 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public RSA Rsa { get; } = RSA.Create(2048);

    /// <summary>The certificate that tokens of client `bound` are bound to, and one of nobody.</summary>
    public X509Certificate2 OwnCertificate { get; } = TestAuthority.SelfSign(Subject);

    public X509Certificate2 OtherCertificate { get; } = TestAuthority.SelfSign(Subject);

    /// <summary>A token that is bound to <see cref="OwnCertificate"/>.</summary>
    public ForgedToken Bound { get; private set; } = null!;

    /// <summary>The same with a certificate of the authority, for a client that its name proves.</summary>
    public const string TrustedClient = "by-subject";

    public X509Certificate2 TrustedCertificate { get; private set; } = null!;

    public X509Certificate2 RevokedCertificate { get; private set; } = null!;

    /// <summary>A client with a secret.</summary>
    public const string SecretClient = "trial";

    public string Secret { get; private set; } = "";

    /// <summary>Clients that were good once, and what they had.</summary>
    public TestClient Disabled { get; private set; } = null!;

    public TestClient KeyRemoved { get; private set; } = null!;

    public string RevokedToken { get; private set; } = "";

    /// <summary>People: one to attack, and tokens of some who came and went.</summary>
    public TestUser User { get; private set; } = null!;

    public string Session { get; private set; } = "";

    public string EndedSession { get; private set; } = "";

    public string DisabledUserSession { get; private set; } = "";

    public string EndedSessionToken { get; private set; } = "";

    public string DisabledUserToken { get; private set; } = "";

    public string EnrolledAnewToken { get; private set; } = "";

    /// <summary>How many handlers were reached so far.</summary>
    public long Reached => reached.Count;

    /// <summary>Seconds since 1970.</summary>
    public static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public string Issuer => Hub.Node.Addresses.Issuer;

    /// <summary>The certificate of such a connection.</summary>
    internal X509Certificate2? CertificateOf(AttackConnection connection) => connection switch
    {
        AttackConnection.Owner => OwnCertificate,
        AttackConnection.Stranger => OtherCertificate,
        _ => null,
    };

    /// <summary>An assertion of the victim, to be spoilt.</summary>
    public ForgedToken Assertion(params (string Name, object? Value)[] changes) => ForgedToken.Parse(Victim.Assertion(changes), Victim.Key);

    /// <summary>All refusals that were counted so far, by reason.</summary>
    public async Task<Dictionary<string, long>> CountsAsync()
    {
        await Hub.Services.GetRequiredService<RefusedRequests>().WriteAsync();
        await using var command = Hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT reason, sum(count)::bigint FROM identity.refused_request GROUP BY reason");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Dictionary<string, long> counts = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }

    /// <summary>How many events the log has.</summary>
    public async Task<long> EventsAsync()
    {
        await using var command = Hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT count(*) FROM log.event");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async ValueTask InitializeAsync()
    {
        var settings = EdgeHub.Settings with
        {
            Add = services =>
            {
                services.AddSingleton(reached);
                services.Configure<GrpcServiceOptions>(options => options.Interceptors.Add<ReachedHandlers>());
            },
        };
        city = await CertificateHub.StartAsync("attacks", authority => RevokeOne(authority), settings: settings);
        SigningKey = Hub.SigningKey;
        TrustedCertificate = Authority.Issue(Subject);
        Victim = await Hub.RegisterAsync("water");
        Other = await Hub.RegisterAsync("energy");
        Secret = await Hub.RegisterSecretAsync("water", SecretClient);
        await city.RegisterAsync("bound", new Client { Authentication = ClientAuthentication.SelfSignedTlsClientAuth, Certificates = OwnCertificate.ExportCertificatePem() });
        await city.RegisterAsync(TrustedClient, new Client { Authentication = ClientAuthentication.TlsClientAuth, TlsClientAuth = new() { SubjectDn = Subject } });
        Bound = ForgedToken.Parse(await city.AskAsync("bound", OwnCertificate), SigningKey);
        await LoseClientsAsync();
        await LoseUsersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        SigningKey.Dispose();
        Foreign.Dispose();
        P384.Dispose();
        Rsa.Dispose();
        foreach (var certificate in new[] { OwnCertificate, OtherCertificate, TrustedCertificate, RevokedCertificate })
        {
            certificate.Dispose();
        }

        await city.DisposeAsync();
    }

    private void RevokeOne(TestAuthority authority)
    {
        RevokedCertificate = authority.Issue(Subject);
        authority.Revoke(RevokedCertificate);
    }

    private async Task LoseClientsAsync()
    {
        var identity = new IdentityService.IdentityServiceClient(Hub.Operator.Invoker);
        Disabled = await Hub.RegisterAsync("water", "disabled");
        KeyRemoved = await Hub.RegisterAsync("water", "key-removed");
        await Hub.DisableAsync(Disabled);
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = WebKeys.Of(next.ExportParameters(includePrivateParameters: false));
        jwk.Kid = "next";
        var listed = await identity.ListClientsAsync(new ListClientsRequest { Parent = "departments/water" });
        var old = listed.Clients.Single(client => client.Name.EndsWith("/key-removed", StringComparison.Ordinal)).Keys[0];
        await identity.AddClientKeyAsync(new AddClientKeyRequest { Parent = "departments/water/clients/key-removed", Key = new() { Jwk = WebKeys.PublicJwk(jwk) } });
        await identity.RemoveClientKeyAsync(new RemoveClientKeyRequest { Name = old.Name });
        RevokedToken = await Victim.TokenAsync();
        using var revoked = await Victim.PostTokenAsync(Hub, "revoke", RevokedToken);
        revoked.EnsureSuccessStatusCode();
    }

    private async Task LoseUsersAsync()
    {
        User = await TestUser.EnrolledAsync(Hub, "water", "attacked");
        var (disabled, anew) = (await TestUser.EnrolledAsync(Hub, "water", "gone"), await TestUser.EnrolledAsync(Hub, "water", "anew"));
        (Session, EndedSession, DisabledUserSession) = (await User.SignInAsync(), await User.SignInAsync(), await disabled.SignInAsync());
        (EndedSessionToken, DisabledUserToken) = ((await User.TokenAsync(EndedSession))!, (await disabled.TokenAsync(DisabledUserSession))!);
        EnrolledAnewToken = (await anew.TokenAsync(await anew.SignInAsync()))!;
        (await User.SignOutAsync(EndedSession)).Dispose();
        await disabled.DisableAsync();
        await anew.ResetAsync();
    }
}
