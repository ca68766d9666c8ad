using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using Exchange.Server.Tests.Faults.Messages;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>Reliability E1: every attack of section T is refused by every RPC, with one answer for each reason, and counted; nothing else comes of it.</summary>
[SupportedOSPlatform("linux")]
public sealed class EveryAttackTests(AttackCity city) : IClassFixture<AttackCity>
{
    private const string Unauthenticated = "16";
    private const int AtOnce = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static IReadOnlyList<string> Calls { get; } = [.. RawCall.Methods.Select(method => $"/{method.Service.FullName}/{method.Name}")];

    [Fact]
    public void Every_call_that_the_hub_serves_is_attacked_but_health()
    {
        var served = city.Hub.Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
            .SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName)
            .OfType<string>()
            .Where(name => !name.StartsWith("/grpc.health.v1.", StringComparison.Ordinal) && !name.StartsWith("/exchange.test.", StringComparison.Ordinal))
            .ToHashSet();

        Assert.Subset(Calls.ToHashSet(), served);
        Assert.InRange(served.Count, 30, Calls.Count);
    }

    [Fact]
    public async Task Every_attack_on_every_call_has_the_one_answer_of_its_reason_and_is_counted_and_nothing_else()
    {
        using var plain = Connect(AttackConnection.Plain);
        using var stranger = Connect(AttackConnection.Stranger);
        using var owner = Connect(AttackConnection.Owner);
        GrpcCalls[] connections = [plain, stranger, owner];
        await TokensThatPassAsync(connections, city);
        var (before, events, lines, reached) = (await city.CountsAsync(), await city.EventsAsync(), GrpcLines(), city.Reached);
        var answers = new ConcurrentDictionary<(string Reason, GrpcAnswer Answer), string>();
        var made = new ConcurrentDictionary<string, long>();

        await Parallel.ForEachAsync(TokenAttacks.All.SelectMany(attack => Calls, (attack, call) => (attack, call)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (item, _) =>
        {
            var turn = item.call.Length;
            foreach (var attempt in item.attack.Tries(city))
            {
                var body = attempt.Body ?? GrpcCalls.Bodies[turn++ % GrpcCalls.Bodies.Length];
                var answer = await connections[(int)attempt.Connection].SendPatientlyAsync(item.call, attempt, body);
                answers.TryAdd((item.attack.Reason, answer), $"{item.attack.Name} on {item.call}: {attempt}");
                made.AddOrUpdate(item.attack.Reason, 1, (_, count) => count + 1);
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{made.Values.Sum()} attacks on {Calls.Count} calls: {string.Join(", ", made.Select(one => $"{one.Key} {one.Value}"))}");
        foreach (var ((reason, answer), attack) in answers)
        {
            Assert.True((answer.Http, answer.Status, answer.Reason) == (200, Unauthenticated, reason), $"{answer} instead of {reason}: {attack}");
        }

        Assert.Equal(made.Keys.Order(), answers.Keys.Select(key => key.Reason).Order());
        Assert.Equal(reached, city.Reached);
        Assert.Equal(made.OrderBy(one => one.Key), Since(before, await city.CountsAsync()).OrderBy(one => one.Key));
        Assert.Equal((events, lines), (await city.EventsAsync(), GrpcLines()));
        await TokensThatPassAsync(connections, city);
    }

    [Fact]
    public async Task A_refused_call_is_answered_though_its_message_never_comes()
    {
        var reached = city.Reached;
        foreach (var call in Calls)
        {
            using var calls = Connect(AttackConnection.Plain);
            foreach (var (attempt, reason) in new[] { (new TokenTry([]), TokenAttack.Missing), (TokenTry.With("x"), TokenAttack.Invalid), (TokenTry.With(city.Disabled.AccessToken), "CLIENT_DISABLED") })
            {
                using var body = new NeverContent();
                var answer = await calls.SendAsync(call, attempt, body).WaitAsync(Patience, TestContext.Current.CancellationToken);

                Assert.True(answer.Reason == reason, $"{call}: {answer}");
                body.Stop();
            }
        }

        Assert.Equal(reached, city.Reached);
    }

    [Fact]
    public async Task A_token_larger_than_metadata_may_be_is_refused_for_its_size()
    {
        var before = await city.CountsAsync();
        foreach (var call in Calls)
        {
            using var calls = Connect(AttackConnection.Plain);
            using var body = new ByteArrayContent(GrpcCalls.Frame([]));
            var answer = await calls.SendAsync(call, TokenTry.With(new string('a', 20_000)), body);

            Assert.True((answer.Status, answer.Reason) == ("8", "METADATA_TOO_LARGE"), $"{call}: {answer}");
        }

        Assert.Equal([KeyValuePair.Create("METADATA_TOO_LARGE", (long)Calls.Count)], Since(before, await city.CountsAsync()));
    }

    [Fact]
    public async Task Health_is_open_to_anybody_and_to_those_with_bad_tokens_and_reflection_is_not()
    {
        using var calls = Connect(AttackConnection.Plain);
        async Task<GrpcAnswer> AnswerAsync(string call, TokenTry attempt)
        {
            using var body = new ByteArrayContent(GrpcCalls.Frame([]));
            return await calls.SendAsync(call, attempt, body);
        }

        foreach (var attempt in new[] { new TokenTry([]), TokenTry.With("x"), TokenTry.With(city.Disabled.AccessToken), TokenTry.With(city.Good.ToString()) })
        {
            Assert.Equal("0", (await AnswerAsync("/grpc.health.v1.Health/Check", attempt)).Status);
        }

        foreach (var call in Calls.Where(call => call.StartsWith("/grpc.reflection.", StringComparison.Ordinal)))
        {
            Assert.Equal(TokenAttack.Missing, (await AnswerAsync(call, new TokenTry([]))).Reason);
            Assert.Equal("0", (await AnswerAsync(call, TokenTry.With(city.Good.ToString()))).Status);
        }
    }

    // What the attacks spoil passes: none of them is refused because it is old, or because of its connection.
    private static async Task TokensThatPassAsync(GrpcCalls[] connections, AttackCity city)
    {
        var (good, now) = (city.Good, AttackCity.Now);
        TokenTry[] passing =
        [
            TokenTry.With(good.ToString()), new([("authorization", $"bearer {good}")]), TokenTry.With(good.WithClaim("iat", now + 8).ToString()), TokenTry.With(good.WithClaim("nbf", now + 8).ToString()), TokenTry.With(good.WithClaim("nbf", now - 8).ToString()),
            TokenTry.With(good.WithClaim("exp", now - 5).ToString()), TokenTry.With(good.WithClaim("iat", now).WithClaim("exp", now + 600).ToString()), TokenTry.With(city.Bound.ToString()) with { Connection = AttackConnection.Owner },
        ];
        foreach (var attempt in passing)
        {
            using var body = new ByteArrayContent(GrpcCalls.Frame([]));
            Assert.Equal("0", (await connections[(int)attempt.Connection].SendAsync("/exchange.test.v1.EdgeTest/Unary", attempt, body)).Status);
        }
    }

    internal static IEnumerable<KeyValuePair<string, long>> Since(Dictionary<string, long> before, Dictionary<string, long> after) =>
        after.Select(one => KeyValuePair.Create(one.Key, one.Value - before.GetValueOrDefault(one.Key))).Where(one => one.Value is not 0);

    private GrpcCalls Connect(AttackConnection connection) => GrpcCalls.Over(city.Hub, city.CertificateOf(connection));

    private int GrpcLines() => city.Hub.Log.Lines.Count(line => line.Contains("Grpc.GrpcEdge", StringComparison.Ordinal));

    /// <summary>A body that begins and does not go on.</summary>
    private sealed class NeverContent : HttpContent
    {
        private readonly TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Stop() => stop.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0 }, TestContext.Current.CancellationToken);
            await stream.FlushAsync(TestContext.Current.CancellationToken);
            await stop.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
