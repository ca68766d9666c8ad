using System.Collections.Concurrent;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Faults.Messages;
using Exchange.Server.Tests.Records;
using Exchange.Testing;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>
/// Reliability D2 over the wire, for every RPC and every role: spoilt messages and odd frames end in a status of ours, and the hub goes on. Those of records are
/// in <see cref="MalformedMessageTests"/>, in larger numbers.
/// </summary>
[Collection(MemoryCollection.Name)]
public sealed class FuzzedCallTests(CityHub city, ITestOutputHelper output) : IClassFixture<CityHub>
{
    private const int AtOnce = 8;
    private const int MostGrownBytes = 128 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly StatusCode[] Faults = [StatusCode.Internal, StatusCode.Unknown, StatusCode.DataLoss, StatusCode.DeadlineExceeded, StatusCode.Unavailable, StatusCode.Unauthenticated];

    [Fact]
    public Task Twelve_thousand_calls_of_every_RPC_are_refused_or_served() => FuzzAsync(12_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Thirty_thousand_calls_of_every_RPC_are_refused_or_served() => FuzzAsync(30_000);

    private async Task FuzzAsync(int count)
    {
        var seed = Fuzzer.NewSeed(output);
        using var frames = new RawFrames(city.Hub.Node.Addresses.Grpc);
        TestClient[] callers =
        [
            city.Hub.Operator, city.Hub.Operator, await city.Hub.RegisterAsync("archive", $"steward-{count}", Role.Steward), await city.Hub.RegisterAsync("archive", $"auditor-{count}", Role.Auditor), city.ClientOf(City.Archive),
        ];
        var inputs = RawCall.Methods.ToDictionary(method => method.FullName, method => new WireInputs(method.InputType));
        var statuses = new ConcurrentDictionary<string, int>();
        var called = new ConcurrentDictionary<(string Method, bool IsServed), int>();
        var linesBefore = city.Hub.Log.Lines.Count;
        await CallAsync(0, count / 10);
        var before = Fuzzer.SizeBytes();
        await CallAsync(count / 10, count);
        var grown = Fuzzer.SizeBytes() - before;

        output.WriteLine($"grown by {grown / 1024.0 / 1024:0.0} MiB");
        output.WriteLine(string.Join('\n', statuses.OrderByDescending(status => status.Value).Select(status => $"{status.Value,7} {status.Key}")));
        var faults = city.Hub.Log.Lines.Skip(linesBefore).Where(line => line.Contains("correlation id", StringComparison.Ordinal)).ToList();
        Assert.True(faults.Count is 0, string.Join('\n', faults.Take(3)));
        Assert.InRange(grown, long.MinValue, MostGrownBytes);
        Assert.Equal(RawCall.Methods.Count, called.Keys.Select(key => key.Method).Distinct().Count());
        output.WriteLine($"served: {called.Keys.Count(key => key.IsServed)} of {RawCall.Methods.Count}");
        Assert.True(called.Keys.Count(key => key.IsServed) > RawCall.Methods.Count / 3, $"served: {string.Join(", ", called.Keys.Where(key => key.IsServed))}");
        Assert.True(statuses.GetValueOrDefault("InvalidArgument MALFORMED_MESSAGE") > count / 20 && statuses.GetValueOrDefault("OK ") > count / 20, "both sides of the edge must be hit");
        var newcomer = await city.Hub.RegisterAsync($"after-{count}");
        Assert.NotEmpty((await new DepartmentsService.DepartmentsServiceClient(newcomer.Invoker).ListDepartmentsAsync(new ListDepartmentsRequest())).Departments);

        Task CallAsync(int from, int to) => Parallel.ForEachAsync(Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var random = new Random((seed * 31) + number);
            var method = RawCall.Methods[random.Next(RawCall.Methods.Count)];
            var message = inputs[method.FullName].Small(random);
            var caller = callers[random.Next(callers.Length)];
            var what = $"input {number}, {method.FullName} of {Convert.ToHexString(message.AsSpan(0, Math.Min(message.Length, 100)))}";
            try
            {
                var isFrame = random.Next(6) is 0;
                var (code, reason) = isFrame ? await FrameAsync(frames, method, caller, message, random) : await MessageAsync(method, caller, message);
                for (var again = 0; reason is "TOKEN_INVALID" && again < 5; again++)
                {
                    // Another input had the hub sign with another key at once: clients get new tokens then.
                    await caller.SignInAsync();
                    (code, reason) = isFrame ? await FrameAsync(frames, method, caller, message, random) : await MessageAsync(method, caller, message);
                }

                statuses.AddOrUpdate($"{code} {reason}", 1, static (_, before) => before + 1);
                called.AddOrUpdate((method.FullName, code is StatusCode.OK), 1, static (_, before) => before + 1);
                Assert.True(Enum.IsDefined(code) && !Faults.Contains(code) && (code is StatusCode.OK) == (reason.Length is 0), $"{what}: {code} {reason}\n{string.Join('\n', city.Hub.Log.Lines.Where(line => line.Contains("correlation id", StringComparison.Ordinal)).TakeLast(1))}");
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{what}: {e}");
            }
        });
    }

    private static async Task<(StatusCode Code, string Reason)> MessageAsync(MethodDescriptor method, TestClient caller, byte[] message) =>
        await RawCall.SendAsync(caller.Invoker, method, message, Patience) is { } refusal ? (refusal.StatusCode, refusal.Reason()) : (StatusCode.OK, "");

    private static async Task<(StatusCode Code, string Reason)> FrameAsync(RawFrames frames, MethodDescriptor method, TestClient caller, byte[] message, Random random)
    {
        var (body, encoding) = RawFrames.Odd(message, random);
        return await frames.SendAsync(method, caller.AccessToken, body, encoding);
    }
}
