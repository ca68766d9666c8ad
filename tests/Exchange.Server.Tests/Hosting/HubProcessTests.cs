using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Exchange.Server.Hosting;
using Exchange.Testing;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using OtpNet;

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
        var (ready, _) = await hub.ReadyAsync();

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
        await hub.ReadyAsync();
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
    public async Task What_was_accepted_and_is_so_it_says_on_standard_output_before_it_is_ready()
    {
        string[] arguments =
        [
            "--grpc-address", "http://0.0.0.0:0", "--http-address", "http://127.0.0.1:0", "--unsafe",
            "--connection-string", await TestPostgres.CreateDatabaseAsync("process"), "--data-directory", Directory.CreateTempSubdirectory("test-hub-").FullName,
        ];
        await using var hub = new Running(arguments);

        List<string?> lines = [];
        while (lines is not [.., null] and not [.., ['h', 'u', 'b', ' ', ..]])
        {
            lines.Add(await hub.Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience));
        }

        Assert.Equal("not safe, as --unsafe accepts: plain-http", lines[0]);
        Assert.StartsWith("hub ready: ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_start_prints_an_enrolment_code_for_the_first_operator_until_one_is_enrolled_and_only_the_last_is_good()
    {
        string[] arguments =
        [
            "--connection-string", await TestPostgres.CreateDatabaseAsync("enrolment"), "--data-directory", Directory.CreateTempSubdirectory("test-hub-").FullName,
            "--grpc-address", "http://127.0.0.1:0", "--http-address", "http://127.0.0.1:0",
        ];
        var codes = new List<string>();
        var logs = "";
        for (var start = 0; start < 3; start++)
        {
            await using var hub = new Running(arguments);
            var (ready, code) = await hub.ReadyAsync();
            codes.Add(code);
            if (start is 1)
            {
                using var http = new HttpClient { BaseAddress = new Uri(Regex.Match(ready, "http (http://[^,]+),").Groups[1].Value) };
                Assert.Equal(HttpStatusCode.Unauthorized, await EnrolAsync(http, codes[0]));
                Assert.Equal(HttpStatusCode.NoContent, await EnrolAsync(http, codes[1]));
            }

            _ = Kill(hub.Process.Id, 15);
            logs += await hub.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        }

        Assert.All(codes[..2], code => Assert.Matches("^([A-Z2-7]{5}-){4}[A-Z2-7]{5}$", code));
        Assert.NotEqual(codes[0], codes[1]);
        Assert.Equal("", codes[2]);
        Assert.Contains("user operator of department hub-operator enrolled", logs);
        Assert.All(codes[..2], code => Assert.DoesNotContain(code, logs));
        Directory.Delete(arguments[3], recursive: true);
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

    // Enrols the user `operator`; gives the last answer.
    private static async Task<HttpStatusCode> EnrolAsync(HttpClient http, string enrolmentCode)
    {
        using var begun = await http.PostAsJsonAsync(new Uri("/session/enrolment", UriKind.Relative), new { user = "operator", enrolment_code = enrolmentCode });
        if (!begun.IsSuccessStatusCode)
        {
            return begun.StatusCode;
        }

        var told = await begun.Content.ReadFromJsonAsync<JsonElement>();
        var (secret, salt) = (told.GetProperty("totp_secret").GetString(), told.GetProperty("totp_salt").GetString());
        using var completed = await http.PostAsJsonAsync(
            new Uri("/session/enrolment/complete", UriKind.Relative),
            new { user = "operator", enrolment_code = enrolmentCode, totp_salt = salt, password = "correct horse battery", code = new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp() });
        return completed.StatusCode;
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

        /// <summary>The line that says that it serves, and the enrolment code that stood before it, if any.</summary>
        public async Task<(string Ready, string EnrolmentCode)> ReadyAsync()
        {
            var code = "";
            while (await Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience) is { } line)
            {
                if (line.StartsWith("hub ready", StringComparison.Ordinal))
                {
                    return (line, code);
                }

                code = Regex.Match(line, "^enrolment code of user operator: (\\S+) .*exchange identity enrol --user operator").Groups[1].Value;
            }

            throw new InvalidOperationException("the hub ended before it served");
        }

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
