using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Server.Hosting;
using Exchange.Testing;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Exchange.Server.Tests.Hosting;

/// <summary>The hub as a program, as `./exchange serve` starts it.</summary>
public sealed class HubProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Without_any_configuration_it_starts_with_a_database_of_its_own_serves_its_operator_and_stops_on_SIGTERM()
    {
        var folder = TestPostgres.NewFolder();
        await using var hub = new Running("--data-directory", folder, "--grpc-address", "http://127.0.0.1:0", "--http-address", "http://127.0.0.1:0");
        var ready = await hub.Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

        Assert.StartsWith("hub ready: grpc http://127.0.0.1:", ready, StringComparison.Ordinal);
        var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "hub.json"))).RootElement;
        Assert.Equal(hub.Process.Id, file.GetProperty("process_id").GetInt32());
        using (var channel = GrpcChannel.ForAddress(file.GetProperty("grpc").GetString()!))
        {
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status);
        }

        Assert.Equal("Bearer", await OperatorTokenTypeAsync(file));

        var stopping = Stopwatch.StartNew();
        Assert.Equal(0, Kill(hub.Process.Id, 15));
        await hub.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        Assert.Equal(0, hub.Process.ExitCode);
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(10), $"{stopping.Elapsed}");
        Assert.False(File.Exists(Path.Combine(folder, "hub.json")));
        Assert.DoesNotContain(Directory.GetFiles("/proc", "cmdline", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }), path => Reads(path, folder));
        TestPostgres.Delete(folder);
    }

    [Fact]
    public async Task It_is_gone_within_10_seconds_also_when_its_database_does_not_stop()
    {
        const int Stop = 19;
        var folder = TestPostgres.NewFolder();
        await using var hub = new Running("--data-directory", folder, "--grpc-address", "http://127.0.0.1:0", "--http-address", "http://127.0.0.1:0");
        await hub.Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        await using var source = NpgsqlDataSource.Create($"Host={folder}/run;Username=exchange;Database=hub");
        await using (var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            // A process of the server that hears nothing any more, as one that waits for a failing disk.
            Assert.Equal(0, Kill(connection.ProcessID, Stop));
        }

        var stopping = Stopwatch.StartNew();
        Assert.Equal(0, Kill(hub.Process.Id, 15));
        await hub.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        Assert.Equal(0, hub.Process.ExitCode);
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(10), $"{stopping.Elapsed}");
        Assert.DoesNotContain(Directory.GetFiles("/proc", "cmdline", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }), path => Reads(path, folder));
        TestPostgres.Delete(folder);
    }

    [Fact]
    public async Task What_it_does_not_start_with_it_says_in_one_line_and_exits_with_2()
    {
        await using var hub = new Running("--grpc-address", "http://0.0.0.0:0", "--connection-string", await TestPostgres.CreateDatabaseAsync("process"), "--data-directory", Path.GetTempPath());

        var error = await hub.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        await hub.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);

        Assert.Equal(2, hub.Process.ExitCode);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.StartsWith('{'));
        Assert.Contains("--unsafe=plain-http", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = new HubOptions
        {
            ConnectionString = await TestPostgres.CreateDatabaseAsync("taken"),
            DataDirectory = Directory.CreateTempSubdirectory("test-hub-").FullName,
            GrpcAddress = new Uri($"http://{taken.LocalEndpoint}"),
            HttpAddress = new Uri("http://127.0.0.1:0"),
        };

        var exception = await Assert.ThrowsAsync<HubStartException>(() => HubNode.StartAsync(options, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));

        Assert.Contains($"{taken.LocalEndpoint}", exception.Message, StringComparison.Ordinal);
        Directory.Delete(options.DataDirectory, recursive: true);
    }

    private static bool Reads(string cmdline, string folder)
    {
        try
        {
            return File.ReadAllText(cmdline).Contains(folder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<string?> OperatorTokenTypeAsync(JsonElement file)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(file.GetProperty("operator_key_file").GetString()!));
        var client = file.GetProperty("operator_client").GetString()!;
        var assertion = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = client,
            Claims = new Dictionary<string, object> { ["sub"] = client, ["jti"] = Guid.NewGuid().ToString() },
            Audience = file.GetProperty("issuer").GetString(),
            Expires = DateTime.UtcNow.AddSeconds(60),
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256),
        });
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_assertion_type"] = TestClient.AssertionType,
            ["client_assertion"] = assertion,
        });
        using var response = await http.PostAsync(new Uri(file.GetProperty("token_endpoint").GetString()!), form);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return body.TryGetProperty("token_type", out var type) ? type.GetString() : $"{(int)response.StatusCode} {body}";
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    /// <summary>A hub of this test, which does not outlive it, however it ends.</summary>
    private sealed class Running(params string[] arguments) : IAsyncDisposable
    {
        public Process Process { get; } = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        public async ValueTask DisposeAsync()
        {
            if (!Process.HasExited)
            {
                // It takes its database along.
                _ = Kill(Process.Id, 15);
                await Process.WaitForExitAsync().WaitAsync(Patience);
            }

            Process.Dispose();
        }
    }
}
