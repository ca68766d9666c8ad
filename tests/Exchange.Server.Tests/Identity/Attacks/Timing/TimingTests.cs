using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;
using Exchange.Server.Tests.Identity.Users;
using Exchange.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity.Attacks.Timing;

/// <summary>
/// T32: how long a refusal takes does not tell whether a client or user is there. Tries at one that is and one that is not take turns; their medians are compared with
/// how far medians of halves of one kind are apart. The same with an early return for those that are not there must be seen, or the measurement is worth nothing.
/// </summary>
[Collection(LoadCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class TimingTests
{
    // Each 100,000 to several 100,000 rounds of a hash: fewer tries show more, and an early return as plainly.
    private const int SlowTries = 80;
    private const int SlowTriesOfFull = 600;

    private const int Splits = 200;
    private const int MostRounds = 4;

    [Fact]
    public Task An_assertion_of_an_unknown_client_takes_as_long_as_a_known_ones() => AssertionsAsync(2_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task An_assertion_of_an_unknown_client_takes_as_long_as_a_known_ones_over_ten_thousand_tries() => AssertionsAsync(10_000);

    [Fact]
    public Task A_secret_of_an_unknown_client_takes_as_long_as_a_known_ones() => SecretsAsync(SlowTries);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_secret_of_an_unknown_client_takes_as_long_as_a_known_ones_over_many_tries() => SecretsAsync(SlowTriesOfFull);

    [Fact]
    public Task A_sign_in_of_an_unknown_user_takes_as_long_as_a_known_ones() => SignInsAsync(SlowTries);

    [Fact]
    [Trait("Stage", "Full")]
    public Task A_sign_in_of_an_unknown_user_takes_as_long_as_a_known_ones_over_many_tries() => SignInsAsync(SlowTriesOfFull);

    private static async Task AssertionsAsync(int tries)
    {
        await using var hub = await TestHub.StartAsync("timing", Planted());
        await hub.RegisterAsync("water");
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var credentials = new SigningCredentials(new ECDsaSecurityKey(foreign), SecurityAlgorithms.EcdsaSha256);
        using var http = hub.HttpWith(null);

        await CompareAsync(tries, tries, (path, isKnown, _) =>
        {
            var assertion = TestClient.Assertion(hub, isKnown ? "water-system" : "waterbsystem", credentials);
            return TimeAsync(http, () => EndpointTry.Of(("client_assertion_type", TestClient.AssertionType), ("client_assertion", assertion), ("grant_type", "client_credentials")).ToRequest(path + "/connect/token"));
        });
    }

    private static async Task SecretsAsync(int tries)
    {
        await using var hub = await TestHub.StartAsync("timing", Planted());
        await hub.RegisterSecretAsync("water", "water-trial");
        using var addresses = new Addresses(hub);

        // Ten wrong ones of an address and minute are looked at.
        await CompareAsync(tries, SlowTries, (path, isKnown, turn) => TimeAsync(
            addresses.Of(turn / 6),
            () => EndpointTry.Of(("client_id", isKnown ? "water-trial" : "waterbtrial"), ("client_secret", "x"), ("grant_type", "client_credentials")).ToRequest(path + "/connect/token")));
    }

    private static async Task SignInsAsync(int tries)
    {
        await using var hub = await TestHub.StartAsync("timing", Planted());
        await TestUser.EnrolledAsync(hub, "water", "known");
        using var addresses = new Addresses(hub);

        await CompareAsync(tries, SlowTries, async (path, isKnown, turn) =>
        {
            // Neither is locked in most tries, and both sometimes: five in a row lock.
            if (turn % 5 is 0)
            {
                await TestUser.ExecuteAsync(hub, "UPDATE identity.sign_in SET failures = 0, locked_until = NULL");
            }

            return await TimeAsync(
                addresses.Of(turn / 40), () => new EndpointTry($$"""{"user":"{{(isKnown ? "known" : "knowm")}}","password":"x","code":"000000"}""") { ContentType = "application/json" }.ToRequest(path + "/session"));
        });
    }

    // What an implementation that looks the name up first, and returns, would do: behind /early.
    private static TestHubSettings Planted() => new()
    {
        Map = application =>
        {
            application.Map("/early/connect/token", async http =>
            {
                http.Request.EnableBuffering();
                var form = await http.Request.ReadFormAsync(http.RequestAborted);
                var name = form["client_id"] is [{ } id] ? id : new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(form["client_assertion"].ToString()).Subject;
                if (http.RequestServices.GetRequiredService<ClientDirectory>().Find(new ClientId(name)) is null)
                {
                    http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    return;
                }

                http.Request.Body.Position = 0;
                await http.RequestServices.GetRequiredService<TokenEndpoint>().HandleAsync(http);
            });
            application.Map("/early/session", async http =>
            {
                http.Request.EnableBuffering();
                using var body = await System.Text.Json.JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
                if (http.RequestServices.GetRequiredService<UserDirectory>().Find(new(body.RootElement.GetProperty("user").GetString()!)) is null)
                {
                    http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    return;
                }

                http.Request.Body.Position = 0;
                await http.RequestServices.GetRequiredService<SessionEndpoint>().HandleAsync(http);
            });
        },
    };

    private static async Task CompareAsync(int tries, int controls, Func<string, bool, int, Task<double>> timeAsync)
    {
        var turn = 0;
        async Task<(double[] Known, double[] Unknown)> MeasureAsync(string path, int count)
        {
            var (known, unknown) = (new List<double>(), new List<double>());
            for (var i = 0; i < count / 2; i++)
            {
                // Neither always goes first.
                foreach (var isKnown in i % 2 is 0 ? new[] { true, false } : [false, true])
                {
                    (isKnown ? known : unknown).Add(await timeAsync(path, isKnown, turn++));
                }
            }

            return ([.. known], [.. unknown]);
        }

        await MeasureAsync("", tries / 20);
        (double[] Known, double[] Unknown) real = ([], []), planted = ([], []);
        for (var round = 1; ; round++)
        {
            real = Join(real, await MeasureAsync("", tries));
            planted = Join(planted, await MeasureAsync("/early", controls));
            var (noise, difference) = (Math.Max(Noise(real.Known), Noise(real.Unknown)), Math.Abs(Median(real.Known) - Median(real.Unknown)));
            var (controlNoise, control) = (Math.Max(Noise(planted.Known), Noise(planted.Unknown)), Math.Abs(Median(planted.Known) - Median(planted.Unknown)));
            var seen = $"{round} x {tries} tries: medians {Median(real.Known):0.000} and {Median(real.Unknown):0.000} ms, apart {difference:0.000}, noise {noise:0.000}; "
                + $"with an early return apart {control:0.000}, noise {controlNoise:0.000}";
            TestContext.Current.TestOutputHelper?.WriteLine(seen);

            // A machine that is busy with something else needs more tries to see as much.
            if ((control > controlNoise && control > noise) || round is MostRounds)
            {
                Assert.True(difference <= noise, seen);
                Assert.True(control > controlNoise && control > noise, $"the measurement does not see an early return: {seen}");
                return;
            }
        }
    }

    private static (double[] Known, double[] Unknown) Join((double[] Known, double[] Unknown) some, (double[] Known, double[] Unknown) more) =>
        ([.. some.Known, .. more.Known], [.. some.Unknown, .. more.Unknown]);

    // How far the medians of halves of one kind are apart at most, over many ways to halve it.
    private static double Noise(double[] times)
    {
        var random = new Random(32);
        var most = 0.0;
        for (var split = 0; split < Splits; split++)
        {
            random.Shuffle(times);
            most = Math.Max(most, Math.Abs(Median(times.AsSpan(0, times.Length / 2)) - Median(times.AsSpan(times.Length / 2))));
        }

        return most;
    }

    private static double Median(ReadOnlySpan<double> times)
    {
        var sorted = times.ToArray();
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }

    // In milliseconds. Only a refusal counts: an answer that the hub limits is another one.
    private static async Task<double> TimeAsync(HttpClient http, Func<HttpRequestMessage> request)
    {
        using var prepared = request();
        var began = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(prepared, TestContext.Current.CancellationToken);
        var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        return time;
    }

    /// <summary>An attacker's addresses: limits are by address.</summary>
    private sealed class Addresses(TestHub hub) : IDisposable
    {
        private const int Most = 250;

        private readonly Dictionary<int, HttpClient> clients = [];

        public HttpClient Of(int number)
        {
            var at = number % Most;
            if (!clients.TryGetValue(at, out var http))
            {
                http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (context, cancellationToken) => ConnectAsync(at, context.DnsEndPoint.Port, cancellationToken) }) { BaseAddress = hub.Node.Addresses.Http };
                clients.Add(at, http);
            }

            return http;
        }

        public void Dispose()
        {
            foreach (var http in clients.Values)
            {
                http.Dispose();
            }
        }

        private static async ValueTask<Stream> ConnectAsync(int at, int port, CancellationToken cancellationToken)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.3.{at + 1}"), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
    }
}
