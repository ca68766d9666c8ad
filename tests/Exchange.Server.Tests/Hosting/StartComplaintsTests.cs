using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Exchange.EventStore.Embedded;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Hosting;
using Exchange.Testing;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Server.Tests.Hosting;

/// <summary>Whatever speaks against a start is said at once, before anything changes; what was accepted and is so is seen on the running hub.</summary>
[SupportedOSPlatform("linux")]
public sealed class StartComplaintsTests : IDisposable
{
    // Everything that a start would make or change.
    private const string Catalog = """
        SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM (
            SELECT 'table ' || oid::regclass::text || ' ' || relkind::text FROM pg_class
            UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
            UNION ALL SELECT 'function ' || oid::regprocedure::text FROM pg_proc
            UNION ALL SELECT 'database ' || datname FROM pg_database
            UNION ALL SELECT 'role ' || rolname FROM pg_roles
            UNION ALL SELECT 'setting ' || setconfig::text FROM pg_db_role_setting
            UNION ALL SELECT 'lock ' || objid FROM pg_locks WHERE locktype = 'advisory') AS lines(line)
        """;

    // What other tests make on a server that they share.
    private static readonly string[] Shared = ["database ", "role ", "lock "];

    private static readonly UnsafeSetting[] Faults =
        [UnsafeSetting.PlainHttp, UnsafeSetting.Fsync, UnsafeSetting.FullPageWrites, UnsafeSetting.SynchronousCommit, UnsafeSetting.KeyPermissions];

    private readonly string folder = Directory.CreateTempSubdirectory("test-hub-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task All_that_is_unsafe_is_named_in_one_refusal_which_changes_nothing_and_its_last_line_starts_the_hub()
    {
        var postgres = await TestPostgres.StartOwnAsync(new Dictionary<string, string> { ["fsync"] = "off", ["full_page_writes"] = "off" });
        try
        {
            var connectionString = await postgres.CreateDatabaseAsync("hub", TestContext.Current.CancellationToken)
                + ";Options=-c synchronous_commit=off";
            HubOptions Unsafe(HubOptions o) => o with
            {
                ConnectionString = connectionString,
                GrpcAddress = new Uri("http://0.0.0.0:0"),
                HubKeyFile = KeyFile(UnixFileMode.GroupRead),
                Unsafe = new HashSet<UnsafeSetting> { UnsafeSetting.SynchronousCommit, UnsafeSetting.DataChecksums },
            };
            var before = await ReadCatalogAsync(connectionString);

            var lines = (await RefusalAsync(Unsafe)).Split('\n');

            Assert.Equal(before, await ReadCatalogAsync(connectionString));
            Assert.Equal("4 things speak against it:", lines[0]);
            Assert.Equal(6, lines.Length);
            Assert.Single(lines, line => line.Contains("`http://0.0.0.0:0/` would be served without TLS", StringComparison.Ordinal));
            Assert.Single(lines, line => line.Contains($"others may read the key file `{Path.Combine(folder, "some-key")}`: chmod 600", StringComparison.Ordinal));
            Assert.Single(lines, line => line.Contains("`fsync` is off; switch it on", StringComparison.Ordinal));
            Assert.Single(lines, line => line.Contains("`full_page_writes` is off; switch it on", StringComparison.Ordinal));

            // Word for word, as somebody would copy it. What was accepted before stays so.
            var accepting = Regex.Match(lines[^1], "--unsafe=\\S+$").Value;
            var accepted = HubConfiguration.Read(new ConfigurationBuilder().Build(), new Dictionary<string, string>(), [accepting]).Unsafe;
            Assert.Equal([.. Faults.Append(UnsafeSetting.DataChecksums).Order()], accepted.Order());
            await using var hub = await TestHub.StartAsync("unsafe", new() { ConnectionString = connectionString, Options = o => Unsafe(o) with { Unsafe = accepted } });
            await AssertShowsAsync(hub, "plain-http,fsync,full-page-writes,synchronous-commit,key-permissions");
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    [Fact]
    public async Task A_safe_hub_shows_nothing_also_when_everything_is_accepted()
    {
        await using var hub = await TestHub.StartAsync("safe", new() { Options = o => o with { Unsafe = Enum.GetValues<UnsafeSetting>().ToHashSet() } });

        await AssertShowsAsync(hub, "");
        Assert.Empty(hub.Node.Unsafe.Settings);
    }

    [Fact]
    public async Task What_can_never_be_accepted_is_in_the_same_list_also_when_the_database_does_not_answer()
    {
        var pem = Path.Combine(folder, "no.pem");
        await File.WriteAllTextAsync(pem, "nothing", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(pem, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var httpAddress = $"http://0.0.0.0:{((IPEndPoint)taken.LocalEndpoint).Port}/";

        var refusal = await RefusalAsync(o => o with
        {
            ConnectionString = $"Host={folder};Username=nobody;Database=nothing",
            GrpcAddress = new Uri("https://hub.example:5400"),
            HttpAddress = new Uri(httpAddress),
            Limits = LimitRules.Parse("client:RecordsService/Pul=20/second"),
            HttpClientCertificates = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.RequireCertificate,
            TlsCertificateFile = pem,
            SigningKeyFile = pem,
            HubKeyFile = pem,
            ClientCaFile = pem,
            ClientCrlFile = pem + ".not",
        });

        string[] complaints =
        [
            "clients cannot reach a token issuer", "cannot listen at `hub.example`", $"cannot read `{pem}`, which must hold the TLS certificate", $"`{httpAddress}` would be served without TLS",
            "client certificates need TLS", "no EC P-256 private key", "does not hold 32 bytes as base64", $"cannot read `{pem}`, which must hold authorities",
            $"cannot read `{pem}.not`", "the database does not answer", $"cannot listen at `{httpAddress}`", "the hub has no method `RecordsService/Pul`",
        ];
        Assert.All(complaints, complaint => Assert.Single(refusal.Split('\n'), line => line.StartsWith("- ", StringComparison.Ordinal) && line.Contains(complaint, StringComparison.Ordinal)));
        Assert.StartsWith($"{complaints.Length} things", refusal, StringComparison.Ordinal);
        Assert.EndsWith("--unsafe=plain-http", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_that_only_its_content_or_its_place_makes_bad_is_refused_without_a_word_of_accepting_it()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("badkey");

        var refusal = await RefusalAsync(o => o with { ConnectionString = connectionString, HubKeyFile = Path.Combine(folder, "none"), OperatorJwksFile = Path.Combine(folder, "none") });

        Assert.Contains("no key file", refusal, StringComparison.Ordinal);
        Assert.Contains("operator's keys", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("--unsafe", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "is not this store's")]
    [InlineData(false, "is missing, and the store has sealed values")]
    public async Task A_store_whose_hub_key_is_not_here_is_refused_before_it_is_opened(bool isThere, string complaint)
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("otherkey");
        await using (await TestHub.StartAsync("otherkey", new() { ConnectionString = connectionString }))
        {
            // Its key goes with its folder.
        }

        // As an older version of the hub would have left it: a start would bring it up to date.
        await using (var source = NpgsqlDataSource.Create(connectionString))
        await using (var command = source.CreateCommand("DROP TABLE identity.session, identity.sign_in; DELETE FROM log.migration WHERE source = 'server' AND number = 6"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        async Task<IEnumerable<string>> ReadOwnAsync() =>
            (await ReadCatalogAsync(connectionString)).Split('\n').Where(line => !Array.Exists(Shared, kind => line.StartsWith(kind, StringComparison.Ordinal)));
        var before = await ReadOwnAsync();
        var refusal = await RefusalAsync(o => o with { ConnectionString = connectionString, HubKeyFile = isThere ? KeyFile(0) : null });

        Assert.Contains(complaint, refusal, StringComparison.Ordinal);
        Assert.Equal(before, await ReadOwnAsync());
    }

    private static async Task AssertShowsAsync(TestHub hub, string names)
    {
        using var page = await hub.Http.GetAsync(new Uri("/health", UriKind.Relative));
        using var channel = GrpcChannel.ForAddress(new UriBuilder(hub.Node.Addresses.Grpc) { Host = "127.0.0.1" }.Uri);
        var health = new Health.HealthClient(channel);
        using var check = health.CheckAsync(new HealthCheckRequest());
        using var list = health.ListAsync(new HealthListRequest());
        using var watch = health.Watch(new HealthCheckRequest());

        Assert.Equal(names.Length is 0 ? "SERVING\n" : $"SERVING\nunsafe: {names}\n", await page.Content.ReadAsStringAsync());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await check).Status);
        Assert.NotEmpty((await list).Statuses);
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        foreach (var headers in new[] { await check.ResponseHeadersAsync, await list.ResponseHeadersAsync, await watch.ResponseHeadersAsync })
        {
            Assert.Equal(names.Length is 0 ? null : names, headers.GetValue("exchange-unsafe"));
        }

        Assert.Equal(names, hub.Node.Unsafe.ToString());
        var warnings = hub.Log.Lines.Where(line => line.Contains("not safe", StringComparison.Ordinal)).ToList();
        Assert.Equal(names.Length is 0 ? 0 : 1, warnings.Count);
        Assert.All(warnings, line => Assert.True(line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(names, StringComparison.Ordinal), line));
    }

    private static async Task<string> ReadCatalogAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(Catalog);
        return Assert.IsType<string>(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    private string KeyFile(UnixFileMode others)
    {
        var file = Path.Combine(folder, "some-key");
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        return file;
    }

    private async Task<string> RefusalAsync(Func<HubOptions, HubOptions> adjust)
    {
        var options = adjust(new HubOptions
        {
            DataDirectory = Directory.CreateDirectory(Path.Combine(folder, "hub")).FullName, GrpcAddress = new Uri("http://127.0.0.1:0"), HttpAddress = new Uri("http://127.0.0.1:0"),
        });
        var exception = await Assert.ThrowsAsync<HubStartException>(() => HubNode.StartAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        return exception.Message;
    }
}
