using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Identity;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Tests;

/// <summary>A registered machine with its key: gets tokens the way real ones do and calls with them.</summary>
public sealed class TestClient : IDisposable
{
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private readonly TestHub hub;

    internal TestClient(TestHub hub, ClientId id, DepartmentId department, ECDsa key)
    {
        this.hub = hub;
        Id = id;
        Department = department;
        Key = key;
    }

    public ClientId Id { get; }

    public DepartmentId Department { get; }

    public ECDsa Key { get; }

    /// <summary>The access token that <see cref="Invoker"/> sends: of the last sign-in.</summary>
    public string AccessToken { get; private set; } = "";

    /// <summary>Calls with this client's token.</summary>
    public CallInvoker Invoker => InvokerOn(hub);

    /// <summary>The public key of a key pair as a JWK set.</summary>
    public static string ToJwks(ECDsa key) => WebKeys.PublicSet(WebKeys.Of(key));

    /// <summary>As <see cref="Invoker"/>, on another node.</summary>
    public CallInvoker InvokerOn(TestHub node) => With(node, AccessToken);

    /// <summary>Calls with any text as the token.</summary>
    public static CallInvoker With(TestHub node, string accessToken) => node.Anonymous.Intercept(headers =>
    {
        headers.Add("authorization", "Bearer " + accessToken);
        return headers;
    });

    /// <summary>Gets a new token for the calls from now on.</summary>
    public async Task SignInAsync() => AccessToken = await TokenAsync();

    /// <summary>A new access token. Throws when the hub refuses it.</summary>
    public async Task<string> TokenAsync()
    {
        using var response = await RequestAsync(hub, Assertion());
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    /// <summary>Asks a node for a token with an assertion.</summary>
    public static async Task<HttpResponseMessage> RequestAsync(TestHub node, string assertion)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_assertion_type"] = AssertionType,
            ["client_assertion"] = assertion,
        });
        return await node.Http.PostAsync(new Uri("/connect/token", UriKind.Relative), form);
    }

    /// <summary>A good assertion, with claims replaced or, with null, left out.</summary>
    public string Assertion(params (string Name, object? Value)[] changes) =>
        Assertion(hub, Id.Value, new SigningCredentials(new ECDsaSecurityKey(Key), SecurityAlgorithms.EcdsaSha256), changes);

    /// <summary>As <see cref="Assertion(ValueTuple{string, object?}[])"/>, of any client with any key.</summary>
    public static string Assertion(TestHub hub, string client, SigningCredentials credentials, params (string Name, object? Value)[] changes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = client,
            ["sub"] = client,
            ["aud"] = hub.Node.Addresses.Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["iat"] = now,
            ["exp"] = now + 60,
        };
        foreach (var (name, value) in changes)
        {
            _ = value is null ? claims.Remove(name) : (claims[name] = value) is not null;
        }

        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(JsonSerializer.Serialize(claims), credentials);
    }

    public void Dispose() => Key.Dispose();
}
