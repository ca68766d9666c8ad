using System.Security.Cryptography;
using Exchange.Server.Tests.Identity;
using Exchange.Server.Tests.Records;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Exchange.Server.Tests.Faults.Messages;

/// <summary>Reliability E1: whatever is wrong with a token is wrong for every RPC of the protos.</summary>
public sealed class EveryCallTests(CityHub city) : IClassFixture<CityHub>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // What no empty request of a good caller may end in: not called, not there, broken or hanging.
    private static readonly string[] Unserved = [.. new[] { StatusCode.Unauthenticated, StatusCode.Unimplemented, StatusCode.Internal, StatusCode.Unknown, StatusCode.DeadlineExceeded }.Select(code => code.ToString())];

    public static TheoryData<string> Calls => [.. RawCall.Methods.Select(method => method.FullName)];

    [Fact]
    public void The_protos_define_at_least_thirty_calls() => Assert.True(RawCall.Methods.Count >= 30, $"{RawCall.Methods.Count}");

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_is_served_and_only_to_those_with_a_good_token(string call)
    {
        var method = RawCall.Methods.Single(method => method.FullName == call);
        var good = city.ClientOf(City.Archive).AccessToken;
        using var key = city.Hub.SigningKey;
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = ForgedToken.Parse(good, key);
        var longAgo = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds();

        Assert.Equal("Unauthenticated TOKEN_MISSING", await AnswerAsync(method, city.Hub.Anonymous.CreateCallInvoker()));
        Assert.Equal("Unauthenticated TOKEN_EXPIRED", await AnswerAsync(method, token.WithClaim("iat", longAgo - 60).WithClaim("exp", longAgo).ToString()));
        Assert.Equal("Unauthenticated TOKEN_INVALID", await AnswerAsync(method, token.SignedBy(signed => foreign.SignData(signed, HashAlgorithmName.SHA256)).ToString()));
        Assert.Equal("Unauthenticated TOKEN_INVALID", await AnswerAsync(method, token.WithClaim("iss", "https://another-hub.example").ToString()));
        Assert.Equal("Unauthenticated CLIENT_DISABLED", await AnswerAsync(method, await DisabledAsync()));
        Assert.DoesNotContain((await AnswerAsync(method, good)).Split(' ')[0], Unserved);
    }

    private async Task<string> DisabledAsync()
    {
        var client = await city.Hub.RegisterAsync("archive", $"leaver-{Guid.NewGuid():n}");
        await city.Hub.DisableAsync(client);
        return client.AccessToken;
    }

    private Task<string> AnswerAsync(MethodDescriptor method, string token) => AnswerAsync(method, TestClient.With(city.Hub, token));

    private static async Task<string> AnswerAsync(MethodDescriptor method, CallInvoker invoker) =>
        await RawCall.SendAsync(invoker, method, [], Patience) is { } refusal ? $"{refusal.StatusCode} {refusal.Reason()}" : "OK";
}
