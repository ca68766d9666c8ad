using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Protos.V1;
using Exchange.Server.Hosting;
using Exchange.Server.Tests.Grpc;
using Exchange.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Exchange.Server.Tests.Identity.SigningKeys;

/// <summary>Reliability E5: keys are swapped under load, on two nodes whose clocks are ten seconds apart. Twenty-two minutes pass in as many seconds.</summary>
public sealed class SigningKeyDrillTests
{
    private const double Pace = 60;
    private const int Callers = 4;

    private static readonly FastTime Clock = new(Pace);

    [Fact]
    public async Task No_valid_token_is_refused_while_keys_are_swapped_and_none_of_the_old_key_is_accepted_afterwards()
    {
        await using var drill = await Drill.StartAsync();
        using var old = drill.First.SigningKey;
        var began = drill.First.Options.Clock.GetUtcNow();
        var first = await Drill.KeyIdsAsync(drill.First);

        var added = await Drill.RotateAsync(drill.First, atOnce: false);
        var both = await Drill.KeyIdsAsync(drill.First);
        var oldToken = ForgedToken.Parse(await drill.TokenAsync(drill.First), old);
        await Drill.UntilAsync(began + TimeSpan.FromMinutes(19));
        var late = await drill.AnswersAsync(Fresh(oldToken));
        await Drill.UntilAsync(began + TimeSpan.FromMinutes(22));
        var over = await drill.AnswersAsync(Fresh(oldToken));
        var last = await Drill.KeyIdsAsync(drill.Second);
        await drill.StopAsync();

        Assert.Equal([.. first, added], both);
        Assert.Equal([added], last);
        Assert.Equal(["OK", "OK"], late);
        Assert.Equal(["TOKEN_INVALID", "TOKEN_INVALID"], over);
        Assert.Equal([first[0], added], drill.SigningKeys);
        Assert.Empty(drill.Refused);
        Assert.True(drill.Answered > 500, $"{drill.Answered}");
    }

    [Fact]
    public async Task The_drill_notices_valid_tokens_that_are_refused()
    {
        await using var drill = await Drill.StartAsync();

        await Drill.RotateAsync(drill.First, atOnce: true);
        await Drill.UntilAsync(Clock.GetUtcNow() + TimeSpan.FromMinutes(2));
        await drill.StopAsync();

        Assert.NotEmpty(drill.Refused);
        Assert.All(drill.Refused, reason => Assert.Equal("TOKEN_INVALID", reason));
    }

    // By the old key, as somebody would sign who kept it.
    private static string Fresh(ForgedToken token)
    {
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        return token.WithClaim("iat", now).WithClaim("exp", now + 600).ToString();
    }

    private sealed class Drill : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private Task load = Task.CompletedTask;
        private TestClient client = null!;
        private long answered;

        public required TestHub First { get; init; }

        public TestHub Second { get; private set; } = null!;

        /// <summary>Reasons of refusals that came while the token was valid still.</summary>
        public ConcurrentQueue<string> Refused { get; } = [];

        /// <summary>Keys that signed a token, in their order.</summary>
        public List<string> SigningKeys { get; } = [];

        public long Answered => answered;

        public static async Task<Drill> StartAsync()
        {
            var settings = EdgeHub.Settings with { Options = options => options with { Clock = new FastTime(Pace, TimeSpan.FromSeconds(5)) } };
            var drill = new Drill { First = await TestHub.StartAsync("key_drill", settings) };
            drill.Second = await drill.First.StartSecondNodeAsync(options => options with { Clock = new FastTime(Pace, TimeSpan.FromSeconds(-5)) });
            drill.client = await drill.First.RegisterAsync("driller");
            await IdentityHub.EventuallyAsync("OK", TestClient.With(drill.Second, drill.client.AccessToken));
            drill.load = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => drill.CallAsync(drill.stop.Token)));
            return drill;
        }

        public static async Task<string> RotateAsync(TestHub node, bool atOnce)
        {
            await node.Operator.SignInAsync();
            var key = await new IdentityService.IdentityServiceClient(node.Operator.Invoker).RotateSigningKeyAsync(new RotateSigningKeyRequest { AtOnce = atOnce });
            return key.Name["signingKeys/".Length..];
        }

        public static async Task UntilAsync(DateTimeOffset time)
        {
            while (Clock.GetUtcNow() < time)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        public static async Task<string[]> KeyIdsAsync(TestHub node)
        {
            var set = await node.Http.GetFromJsonAsync<JsonElement>("/.well-known/jwks", TestContext.Current.CancellationToken);
            return [.. set.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];
        }

        public async Task<string> TokenAsync(TestHub node)
        {
            while (true)
            {
                using var response = await TestClient.RequestAsync(node, client.Assertion());
                if (response.IsSuccessStatusCode)
                {
                    return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
                }

                // At this pace an assertion lives for a second: a machine that stood still took it.
            }
        }

        public async Task<string[]> AnswersAsync(string token) => [await AnswerAsync(First, token), await AnswerAsync(Second, token)];

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await load;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            stop.Dispose();
            await First.DisposeAsync();
        }

        private static Task<string> AnswerAsync(TestHub node, string token) => IdentityHub.AnswerAsync(TestClient.With(node, token));

        // Each token is used, on both nodes, until it has two minutes left.
        private async Task CallAsync(CancellationToken cancellationToken)
        {
            for (var turn = 0; !cancellationToken.IsCancellationRequested; turn++)
            {
                var text = await TokenAsync(turn % 2 is 0 ? First : Second);
                var token = new JsonWebToken(text);
                lock (SigningKeys)
                {
                    if (!SigningKeys.Contains(token.Kid))
                    {
                        SigningKeys.Add(token.Kid);
                    }
                }

                while (Clock.GetUtcNow() < token.ValidTo - TimeSpan.FromMinutes(2) && !cancellationToken.IsCancellationRequested)
                {
                    foreach (var reason in await AnswersAsync(text))
                    {
                        Interlocked.Increment(ref answered);
                        if (reason is not "OK" && Clock.GetUtcNow() < token.ValidTo - TimeSpan.FromSeconds(10))
                        {
                            Refused.Enqueue(reason);
                        }
                    }

                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }
    }
}
