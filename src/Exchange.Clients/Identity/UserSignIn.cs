using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Grpc.Core;

namespace Exchange.Clients.Identity;

/// <summary>How people come into a hub: they enrol once, sign in with password and code, and sign out.</summary>
public sealed class UserSignIn : IDisposable
{
    private const string Refused = "SIGN_IN_REFUSED";

    private readonly TokenEndpointFinder _finder;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="address">The hub's gRPC address.</param>
    /// <param name="tokenEndpoint">Its token endpoint, which the others stand beside; null asks the hub.</param>
    public UserSignIn(Uri address, Uri? tokenEndpoint) => _finder = new TokenEndpointFinder(address, tokenEndpoint, null);

    /// <summary>The second factor's secret that goes with an enrolment code; another one each time.</summary>
    /// <exception cref="ExchangeException">The code is not good (`SIGN_IN_REFUSED`), or the hub cannot be reached.</exception>
    public async Task<EnrolmentSecret> BeginEnrolmentAsync(string user, string enrolmentCode, CancellationToken cancellationToken)
    {
        using var response = await PostAsync("enrolment", new { user, enrolment_code = enrolmentCode }, "the hub does not enrol the user", cancellationToken);
        return await TokenEndpointFinder.ReadAsync<EnrolmentSecret>(response, cancellationToken) is { Uri.Length: > 0, Secret.Length: > 0, Salt.Length: > 0 } secret ? secret : throw NoHub(response);
    }

    /// <summary>Enrols the user with a password (12 to 256 characters) and the present code of its second factor, whose secret the beginning told.</summary>
    /// <exception cref="ExchangeException">A code is not good, or the password is not (`SIGN_IN_REFUSED`), or the hub cannot be reached.</exception>
    public async Task CompleteEnrolmentAsync(string user, string enrolmentCode, EnrolmentSecret secret, string password, string code, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secret);
        using var response = await PostAsync(
            "enrolment/complete", new { user, enrolment_code = enrolmentCode, totp_salt = secret.Salt, password, code }, "the hub does not enrol the user", cancellationToken);
    }

    /// <summary>Begins a session.</summary>
    /// <exception cref="ExchangeException">User, password or code is wrong, or the user is locked for a while (`SIGN_IN_REFUSED`), or the hub cannot be reached.</exception>
    public async Task<UserSession> SignInAsync(string user, string password, string code, CancellationToken cancellationToken)
    {
        using var response = await PostAsync("", new { user, password, code }, "the hub does not sign the user in", cancellationToken);
        var (endpoint, _) = await _finder.FindAsync(needsIssuer: false, cancellationToken);
        return await TokenEndpointFinder.ReadAsync<SessionAnswer>(response, cancellationToken) is { Session: { Length: > 0 } token } answer
            ? new UserSession { User = user, Token = token, ExpireTime = answer.ExpireTime, TokenEndpoint = endpoint }
            : throw NoHub(response);
    }

    /// <summary>Ends a session; one that has ended already is as good.</summary>
    /// <exception cref="ExchangeException">The hub cannot be reached.</exception>
    public async Task SignOutAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        using var request = new HttpRequestMessage(HttpMethod.Delete, At(session.TokenEndpoint, ""));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
        using var response = await _finder.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode && response.StatusCode is not System.Net.HttpStatusCode.Unauthorized)
        {
            throw await EndpointRefusal.ReadAsync(response, Refused, "the hub does not end the session", cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _finder.Dispose();

    /// <summary>Where a part of the session endpoints is: beside the token endpoint, `/connect/token`.</summary>
    internal static Uri At(Uri tokenEndpoint, string part) => new(tokenEndpoint, part.Length is 0 ? "../session" : $"../session/{part}");

    private async Task<HttpResponseMessage> PostAsync(string part, object body, string refused, CancellationToken cancellationToken)
    {
        var (endpoint, _) = await _finder.FindAsync(needsIssuer: false, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, At(endpoint, part)) { Content = JsonContent.Create(body) };
        var response = await _finder.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await EndpointRefusal.ReadAsync(response, Refused, refused, cancellationToken);
        }
    }

    private static ExchangeException NoHub(HttpResponseMessage response) =>
        new(StatusCode.Internal, Refused, $"`{response.RequestMessage?.RequestUri}` answers, but not as a hub does");

    private sealed record SessionAnswer([property: JsonPropertyName("session")] string? Session, [property: JsonPropertyName("expire_time")] DateTimeOffset ExpireTime);
}
