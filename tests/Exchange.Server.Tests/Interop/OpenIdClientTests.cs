using System.Text.Json;
using Exchange.Server.Identity;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Interop;

/// <summary>A certified client library of others (npm `openid-client`) at the token, introspection and revocation endpoints.</summary>
public sealed class OpenIdClientTests
{
    [Fact]
    public async Task It_gets_tokens_by_every_method_sees_what_is_in_them_and_revokes_them()
    {
        NodeProgram.Require("openid-client");
        await using var hub = await TestHub.StartAsync("openid_client");
        var (ec, rsa, foreign) = (WebKeys.New("ES256"), WebKeys.New("PS256"), WebKeys.New("ES256"));
        await hub.RegisterKeysAsync("water", "water-keys", ec, rsa);
        var secret = await hub.RegisterSecretAsync("water", "water-secret");
        object[] asked =
        [
            new { client = "water-keys", method = "private_key_jwt", key = PrivateJwk(ec, "ES256") },
            new { client = "water-keys", method = "private_key_jwt", key = PrivateJwk(rsa, "PS256") },
            new { client = "water-secret", method = "client_secret_basic", secret },
            new { client = "water-secret", method = "client_secret_post", secret },
            new { client = "water-keys", method = "private_key_jwt", key = PrivateJwk(foreign, "ES256") },
            new { client = "water-secret", method = "client_secret_basic", secret = secret + "x" },
        ];

        var results = (await NodeProgram.RunAsync("npm/openid-client.mjs", JsonSerializer.Serialize(asked), hub.Node.Addresses.Issuer)).EnumerateArray().ToList();

        Assert.Equal(asked.Length, results.Count);
        foreach (var (result, client) in results[..4].Zip(["water-keys", "water-keys", "water-secret", "water-secret"]))
        {
            Assert.True(result.TryGetProperty("before", out var before), result.GetRawText());
            Assert.Equal(("bearer", 600), (result.GetProperty("type").GetString(), result.GetProperty("lifetime").GetInt32()));
            Assert.Equal((true, client, "water"), (before.GetProperty("active").GetBoolean(), before.GetProperty("client_id").GetString(), before.GetProperty("department").GetString()));
            var token = result.GetProperty("token");
            Assert.Equal([("alg", "ES256"), ("typ", "at+jwt")], token.GetProperty("header").EnumerateObject().Select(member => (member.Name, member.Value.GetString()!)).Order());
            Assert.True(token.GetProperty("isSigned").GetBoolean());
            Assert.Equal(before.GetProperty("jti").GetString(), token.GetProperty("claims").GetProperty("jti").GetString());
            Assert.Equal((hub.Node.Addresses.Issuer, "dataexchange", client), (Claim(token, "iss"), Claim(token, "aud"), Claim(token, "sub")));
            Assert.False(result.GetProperty("after").GetProperty("active").GetBoolean());
        }

        Assert.All(results[4..], result => Assert.Equal(("invalid_client", 401), (result.GetProperty("error").GetString(), result.GetProperty("status").GetInt32())));
    }

    private static string? Claim(JsonElement token, string name) => token.GetProperty("claims").GetProperty(name).GetString();

    private static Dictionary<string, string> PrivateJwk(JsonWebKey key, string algorithm) => new Dictionary<string, string?>
    {
        ["kty"] = key.Kty, ["alg"] = algorithm, ["kid"] = key.Kid, ["crv"] = key.Crv, ["x"] = key.X, ["y"] = key.Y, ["d"] = key.D,
        ["n"] = key.N, ["e"] = key.E, ["p"] = key.P, ["q"] = key.Q, ["dp"] = key.DP, ["dq"] = key.DQ, ["qi"] = key.QI,
    }.Where(member => member.Value is not null).ToDictionary(member => member.Key, member => member.Value!);
}
