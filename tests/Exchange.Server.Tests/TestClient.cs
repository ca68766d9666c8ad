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
    public static string ToJwks(ECDsa key) => WebKeys.PublicSet(WebKeys.Of(key.ExportParameters(includePrivateParameters: false)));

    /// <summary>As <see cref="Invoker"/>, on another node.</summary>
    public CallInvoker InvokerOn(TestHub node) => With(node, AccessToken);

    /// <summary>Calls with any text as the token.</summary>
    public static CallInvoker With(TestHub node, string accessToken) => With(node.Anonymous, accessToken);

    /// <summary>As <see cref="With(TestHub, string)"/>, through any channel.</summary>
    public static CallInvoker With(ChannelBase channel, string accessToken) => channel.Intercept(headers =>
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
    public static Task<HttpResponseMessage> RequestAsync(TestHub node, string assertion) => PostAsync(node, "token", assertion, ("grant_type", "client_credentials"));

    /// <summary>Asks a node to revoke a token, or what is in it, as this client.</summary>
    public Task<HttpResponseMessage> PostTokenAsync(TestHub node, string endpoint, string token) => PostAsync(node, endpoint, Assertion(), ("token", token));

    /// <summary>Sends parameters to one of a node's OAuth endpoints, with an assertion.</summary>
    public static async Task<HttpResponseMessage> PostAsync(TestHub node, string endpoint, string assertion, params (string Name, string Value)[] parameters)
    {
        using var form = new FormUrlEncodedContent(
        [
            KeyValuePair.Create("client_assertion_type", AssertionType),
            KeyValuePair.Create("client_assertion", assertion),
            .. parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)),
        ]);
        return await node.Http.PostAsync(new Uri($"/connect/{endpoint}", UriKind.Relative), form);
    }

    /// <summary>A good assertion, with claims replaced or, with null, left out.</summary>
    public string Assertion(params (string Name, object? Value)[] changes) =>
        Assertion(hub, Id.Value, new SigningCredentials(new ECDsaSecurityKey(Key), SecurityAlgorithms.EcdsaSha256), changes);

    /// <summary>A good assertion of any client with any key, changed likewise.</summary>
    public static string Assertion(TestHub hub, string client, SigningCredentials credentials, params (string Name, object? Value)[] changes)
    {
        var now = hub.Options.Clock.GetUtcNow().ToUnixTimeSeconds();
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
