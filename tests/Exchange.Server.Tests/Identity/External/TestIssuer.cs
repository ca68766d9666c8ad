using System.Text.Json;
using Exchange.Server.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests.Identity.External;

/// <summary>An issuer of a test's own, with the discovery document and keys of OpenID and nothing else.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication application;

    private TestIssuer(WebApplication application) => this.application = application;

    public string Name { get; private set; } = "";

    /// <summary>What it calls itself, when that is another name.</summary>
    public string? Claimed { get; set; }

    /// <summary>The keys it publishes.</summary>
    public List<JsonWebKey> Keys { get; } = [WebKeys.New("ES256")];

    /// <summary>True while it answers.</summary>
    public bool IsUp { get; set; } = true;

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new TestIssuer(builder.Build());
        issuer.application.MapGet("/.well-known/openid-configuration", () => issuer.Answer(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["issuer"] = issuer.Claimed ?? issuer.Name,
            ["jwks_uri"] = issuer.Name + "/jwks",
        })));
        issuer.application.MapGet("/jwks", () => issuer.Answer(WebKeys.PublicSet(issuer.Keys)));
        await issuer.application.StartAsync();
        issuer.Name = issuer.application.Urls.First();
        return issuer;
    }

    /// <summary>A good access token of a caller, to be spoilt.</summary>
    public ForgedToken Token(string department = "housing", string client = "sync", object? role = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var key = Keys[0];
        return new()
        {
            Header = new() { ["typ"] = "at+jwt", ["alg"] = "ES256", ["kid"] = key.Kid },
            Claims = new()
            {
                ["iss"] = Name, ["aud"] = "urn:hub", ["sub"] = client, ["client_id"] = client, ["org"] = department, ["roles"] = role ?? new[] { "staff", "hub-system" },
                ["iat"] = now, ["exp"] = now + 300, ["jti"] = Guid.NewGuid().ToString(),
            },
            Sign = signed =>
            {
                using var pair = WebKeys.ToECDsa(key);
                return pair.SignData(signed, System.Security.Cryptography.HashAlgorithmName.SHA256);
            },
        };
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private IResult Answer(string json) => IsUp ? Results.Text(json, "application/json") : Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
}
