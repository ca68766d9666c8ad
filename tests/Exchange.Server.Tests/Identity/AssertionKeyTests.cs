using System.Net;
using Exchange.Server.Identity;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity;

/// <summary>Which of a client's keys sign for it, and how.</summary>
public sealed class AssertionKeyTests(IdentityHub identity)
{
    [Fact]
    public async Task Each_key_signs_with_the_algorithm_it_is_for()
    {
        var (hub, _) = await identity.StartedAsync();
        var (ec, rsa, foreign) = (WebKeys.New("ES256"), WebKeys.New("PS256"), WebKeys.New("PS256"));
        await hub.RegisterKeysAsync("two-keys", "two-keys", ec, rsa);
        Task<HttpStatusCode> StatusAsync(JsonWebKey key, string algorithm, string? id) => AnswerAsync(hub, TestClient.Assertion(hub, "two-keys", Credentials(key, algorithm, id)));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ec, "ES256", ec.Kid));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(rsa, "PS256", rsa.Kid));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(rsa, "PS256", id: null));
        foreach (var (key, algorithm, id) in new (JsonWebKey, string, string?)[]
        {
            (rsa, "RS256", rsa.Kid), (rsa, "PS384", rsa.Kid), (rsa, "PS512", null), (rsa, "PS256", ec.Kid), (ec, "ES256", rsa.Kid), (ec, "ES256", "unknown"),
            (foreign, "PS256", foreign.Kid), (foreign, "PS256", rsa.Kid), (foreign, "PS256", null),
        })
        {
            Assert.True(await StatusAsync(key, algorithm, id) is HttpStatusCode.Unauthorized, $"{algorithm} {id}");
        }
    }

    private static SigningCredentials Credentials(JsonWebKey key, string algorithm, string? id) => new(
        key.Kty is JsonWebAlgorithmsKeyTypes.RSA
            ? new JsonWebKey { Kty = key.Kty, N = key.N, E = key.E, D = key.D, DP = key.DP, DQ = key.DQ, P = key.P, Q = key.Q, QI = key.QI, KeyId = id, Kid = id }
            : new JsonWebKey { Kty = key.Kty, Crv = key.Crv, X = key.X, Y = key.Y, D = key.D, KeyId = id, Kid = id },
        algorithm);

    private static async Task<HttpStatusCode> AnswerAsync(TestHub hub, string assertion)
    {
        using var response = await TestClient.RequestAsync(hub, assertion);
        return response.StatusCode;
    }
}
