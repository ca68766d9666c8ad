using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Exchange.Protos.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtpNet;

namespace Exchange.Server.Tests.Identity.Users;

/// <summary>A person with an authenticator: enrols, signs in and calls the way people do.</summary>
public sealed class TestUser
{
    public const string Password = "correct horse battery";

    private readonly TestHub hub;
    private byte[] secret = [];
    private string salt = "";

    private TestUser(TestHub hub, string department, string id) => (this.hub, Department, Id) = (hub, department, id);

    public string Department { get; }

    public string Id { get; }

    /// <summary>The resource's name.</summary>
    public string Name => $"departments/{Department}/users/{Id}";

    /// <summary>The enrolment code of the creation or the last reset.</summary>
    public string EnrolmentCode { get; private set; } = "";

    /// <summary>What the authenticator keeps.</summary>
    public byte[] Secret => secret;

    /// <summary>Creates a user, and its department if it is not there; it is not enrolled yet.</summary>
    public static async Task<TestUser> CreateAsync(TestHub hub, string department, string id, Role role = Role.Steward)
    {
        await hub.RegisterDepartmentAsync(department);
        var created = await Of(hub).CreateUserAsync(new CreateUserRequest { Parent = $"departments/{department}", UserId = id, User = new User { Role = role } });
        return new TestUser(hub, department, id) { EnrolmentCode = created.EnrolmentCode };
    }

    /// <summary>Creates and enrols a user.</summary>
    public static async Task<TestUser> EnrolledAsync(TestHub hub, string department, string id, Role role = Role.Steward)
    {
        var user = await CreateAsync(hub, department, id, role);
        await user.EnrolAsync();
        return user;
    }

    /// <summary>The user `operator` of a hub with the code that it printed.</summary>
    public static TestUser First(TestHub hub, string enrolmentCode) => new(hub, "hub-operator", "operator") { EnrolmentCode = enrolmentCode };

    /// <summary>Sends JSON to a node's session endpoints.</summary>
    public static Task<HttpResponseMessage> PostAsync(TestHub node, string path, object body) =>
        node.Http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, TestContext.Current.CancellationToken);

    /// <summary>Gives the user a new enrolment code.</summary>
    public async Task ResetAsync() => EnrolmentCode = (await Of(hub).ResetUserEnrolmentAsync(new ResetUserEnrolmentRequest { Name = Name })).EnrolmentCode;

    /// <summary>Disables the user.</summary>
    public async Task DisableAsync() => await Of(hub).DisableUserAsync(new DisableUserRequest { Name = Name });

    /// <summary>Asks for the second factor's secret.</summary>
    public Task<HttpResponseMessage> BeginEnrolmentAsync(string? code = null, TestHub? node = null) =>
        PostAsync(node ?? hub, "/session/enrolment", new { user = Id, enrolment_code = code ?? EnrolmentCode });

    /// <summary>Puts the second factor's secret into the authenticator.</summary>
    public async Task ReadSecretAsync()
    {
        using var begun = await BeginEnrolmentAsync();
        var told = await ReadAsync(begun);
        (secret, salt) = (Base32Encoding.ToBytes(told.GetProperty("totp_secret").GetString()), told.GetProperty("totp_salt").GetString()!);
    }

    /// <summary>Sends the enrolment's second request.</summary>
    public Task<HttpResponseMessage> CompleteEnrolmentAsync(string? code = null, string? enrolmentCode = null, string password = Password, string? otherSalt = null) =>
        PostAsync(hub, "/session/enrolment/complete", new { user = Id, enrolment_code = enrolmentCode ?? EnrolmentCode, totp_salt = otherSalt ?? salt, password, code = code ?? Code() });

    /// <summary>Enrols; fails when the hub refuses.</summary>
    public async Task EnrolAsync()
    {
        await ReadSecretAsync();
        using var completed = await CompleteEnrolmentAsync();
        completed.EnsureSuccessStatusCode();
    }

    /// <summary>The authenticator's code, so many steps from now.</summary>
    public string Code(int steps = 0) => new Totp(secret).ComputeTotp(DateTime.UtcNow.AddSeconds(30 * steps));

    /// <summary>Sends password and code.</summary>
    public Task<HttpResponseMessage> PostSignInAsync(string password = Password, string? code = null, TestHub? node = null) =>
        PostAsync(node ?? hub, "/session", new { user = Id, password, code = code ?? Code() });

    /// <summary>Signs in, in a later step than the last code's, and gives the session.</summary>
    public async Task<string> SignInAsync(TestHub? node = null)
    {
        await PassStepAsync();
        using var response = await PostSignInAsync(node: node);
        response.EnsureSuccessStatusCode();
        return (await ReadAsync(response)).GetProperty("session").GetString()!;
    }

    /// <summary>An access token for a session; null when the hub refuses it.</summary>
    public async Task<string?> TokenAsync(string session, TestHub? node = null)
    {
        using var response = await PostTokenAsync(session, node);
        return response.IsSuccessStatusCode ? (await ReadAsync(response)).GetProperty("access_token").GetString() : null;
    }

    /// <summary>Asks for an access token.</summary>
    public Task<HttpResponseMessage> PostTokenAsync(string session, TestHub? node = null) => SendAsync(node ?? hub, HttpMethod.Post, "/session/token", session);

    /// <summary>Signs out.</summary>
    public Task<HttpResponseMessage> SignOutAsync(string session, TestHub? node = null) => SendAsync(node ?? hub, HttpMethod.Delete, "/session", session);

    /// <summary>Calls as the user, in a new session.</summary>
    public async Task<CallInvoker> CallsAsync() => TestClient.With(hub, (await TokenAsync(await SignInAsync()))!);

    /// <summary>As if the steps of codes that were used had passed.</summary>
    public Task PassStepAsync() => ExecuteAsync(hub, $"UPDATE identity.sign_in SET last_step = 0 WHERE user_id = '{Id}'");

    /// <summary>As <see cref="PassStepAsync"/>, and no attempt was wrong.</summary>
    public Task ForgiveAsync() => ExecuteAsync(hub, $"UPDATE identity.sign_in SET last_step = 0, failures = 0, locked_until = NULL WHERE user_id = '{Id}'");

    /// <summary>Changes the hub's tables, as if time had passed.</summary>
    public static async Task ExecuteAsync(TestHub hub, string statement)
    {
        await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(statement);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private static IdentityService.IdentityServiceClient Of(TestHub hub) => new(hub.Operator.Invoker);

    private static async Task<HttpResponseMessage> SendAsync(TestHub node, HttpMethod method, string path, string session)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", session) } };
        return await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
