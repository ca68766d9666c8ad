using System.Runtime.Versioning;
using Exchange.Server.Hosting;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Server.Tests.Hosting;

/// <summary>Promise A5: what would lose data or show secrets refuses the start, by name, unless it is accepted by name.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnsafeSettingTests
{
    [Theory]
    [InlineData("fsync", UnsafeSetting.Fsync)]
    [InlineData("full_page_writes", UnsafeSetting.FullPageWrites)]
    [InlineData("synchronous_commit", UnsafeSetting.SynchronousCommit)]
    public async Task A_database_that_would_lose_data_is_refused_by_the_settings_name(string name, UnsafeSetting setting)
    {
        var server = await TestPostgres.StartOwnAsync(new Dictionary<string, string> { [name] = "off" });
        try
        {
            var connectionString = await server.CreateDatabaseAsync("hub", TestContext.Current.CancellationToken);

            var refusal = await RefusalAsync(o => o with { ConnectionString = connectionString });
            var others = Enum.GetValues<UnsafeSetting>().Where(s => s != setting).ToHashSet();
            var refusalOfOthers = await RefusalAsync(o => o with { ConnectionString = connectionString, Unsafe = others });
            await using var accepted = await TestHub.StartAsync("unsafe", new() { ConnectionString = connectionString, Options = o => o with { Unsafe = new HashSet<UnsafeSetting> { setting } } });

            Assert.Contains($"`{name}` is off", refusal, StringComparison.Ordinal);
            Assert.Contains($"--unsafe={name.Replace('_', '-')}", refusal, StringComparison.Ordinal);
            Assert.Contains(name, refusalOfOthers, StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
            TestPostgres.Delete(server.DataDirectory);
        }
    }

    [Fact]
    public async Task A_setting_of_the_database_or_of_the_connection_string_counts_as_well()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("unsafe");
        var byString = new NpgsqlConnectionStringBuilder(connectionString) { Options = "-c synchronous_commit=off" }.ConnectionString;

        Assert.Contains("synchronous_commit", await RefusalAsync(o => o with { ConnectionString = byString }), StringComparison.Ordinal);
        await using (var source = NpgsqlDataSource.Create(connectionString))
        await using (var command = source.CreateCommand($"ALTER DATABASE \"{new NpgsqlConnectionStringBuilder(connectionString).Database}\" SET synchronous_commit = off"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("synchronous_commit", await RefusalAsync(o => o with { ConnectionString = connectionString }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://192.0.2.1:0")]
    public async Task Plain_HTTP_beyond_this_machine_is_refused(string address)
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("plain");
        var issuer = new Uri("https://hub.example");

        foreach (var refusal in new[]
        {
            await RefusalAsync(o => o with { ConnectionString = connectionString, Issuer = issuer, GrpcAddress = new Uri(address) }),
            await RefusalAsync(o => o with { ConnectionString = connectionString, Issuer = issuer, HttpAddress = new Uri(address) }),
        })
        {
            Assert.Contains("--unsafe=plain-http", refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_issuer_whom_secrets_would_be_sent_in_the_clear_is_refused()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("plain_issuer");
        var directory = Directory.CreateTempSubdirectory("test-hub-").FullName;
        HubOptions Plain(HubOptions o) =>
            o with { ConnectionString = connectionString, GrpcAddress = new Uri("http://127.0.0.1:0"), HttpAddress = new Uri("http://127.0.0.1:0"), Issuer = new Uri("http://hub.example") };

        var refusal = await RefusalAsync(Plain);
        await using var accepted = await HubNode.StartAsync(
            Plain(new HubOptions { DataDirectory = directory, Unsafe = new HashSet<UnsafeSetting> { UnsafeSetting.PlainHttp } }), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        Assert.Contains("`http://hub.example/`", refusal, StringComparison.Ordinal);
        Assert.Contains("--unsafe=plain-http", refusal, StringComparison.Ordinal);
        Assert.Equal("http://hub.example", accepted.Addresses.Issuer);
        await accepted.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Plain_HTTP_behind_a_proxy_is_served_when_accepted_by_name_and_the_issuer_is_named()
    {
        HubOptions Behind(HubOptions o) => o with { GrpcAddress = new Uri("http://0.0.0.0:0"), HttpAddress = new Uri("http://0.0.0.0:0"), Unsafe = new HashSet<UnsafeSetting> { UnsafeSetting.PlainHttp } };
        var connectionString = await TestPostgres.CreateDatabaseAsync("proxy");
        var directory = Directory.CreateTempSubdirectory("test-hub-").FullName;

        var refusal = await RefusalAsync(o => Behind(o) with { ConnectionString = connectionString });
        await using var node = await HubNode.StartAsync(
            Behind(new HubOptions { ConnectionString = connectionString, DataDirectory = directory, Issuer = new Uri("https://hub.example") }), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        Assert.Contains("--issuer", refusal, StringComparison.Ordinal);
        Assert.Equal("https://hub.example/connect/token", node.Addresses.TokenEndpoint);
        await node.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_key_file_that_others_may_read_is_refused()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("keys");
        var file = Path.GetTempFileName();
        using (var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256))
        {
            await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem());
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var refusal = await RefusalAsync(o => o with { ConnectionString = connectionString, SigningKeyFile = file });
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var hub = await TestHub.StartAsync("keys", new() { ConnectionString = connectionString, Options = o => o with { SigningKeyFile = file } });

        Assert.Contains($"chmod 600", refusal, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task A_key_that_is_not_EC_P_256_and_one_that_is_not_there_are_refused()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("keys");
        var file = Path.GetTempFileName();
        using (var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384))
        {
            await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem());
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Contains("P-256", await RefusalAsync(o => o with { ConnectionString = connectionString, SigningKeyFile = file }), StringComparison.Ordinal);
        Assert.Contains("no key file", await RefusalAsync(o => o with { ConnectionString = connectionString, SigningKeyFile = file + ".not" }), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task A_bad_connection_string_is_refused_without_showing_its_password()
    {
        var refusal = await RefusalAsync(o => o with { ConnectionString = "Host=x;Passwort=geheim;Database" });

        Assert.DoesNotContain("geheim", refusal, StringComparison.Ordinal);
        Assert.Contains("connection string", refusal, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(Func<HubOptions, HubOptions> adjust)
    {
        var directory = Directory.CreateTempSubdirectory("test-hub-").FullName;
        var options = adjust(new HubOptions { DataDirectory = directory, GrpcAddress = new Uri("http://127.0.0.1:0"), HttpAddress = new Uri("http://127.0.0.1:0") });
        var exception = await Assert.ThrowsAsync<HubStartException>(() => HubNode.StartAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));
        Directory.Delete(directory, recursive: true);
        return exception.Message;
    }
}
