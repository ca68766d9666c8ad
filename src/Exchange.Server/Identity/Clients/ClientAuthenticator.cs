using System.Text;
using Exchange.Catalog;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Hosting;

namespace Exchange.Server.Identity;

/// <summary>
/// Authenticates the client of a request to an OAuth endpoint: by assertion, by secret in the `authorization` header or in the body, or by the connection's
/// certificate. A client uses the method it is registered with; two methods at once are refused.
/// </summary>
internal sealed class ClientAuthenticator(
    ClientAssertions assertions, ClientSecrets secrets, CertificateLogins certificates, PeerCertificates peers, ClientDirectory clients, HubOptions options, TimeProvider time)
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const string BasicScheme = "Basic ";
    private const int MostFailures = 10;
    private const int MostFailuresOfAddress = 60;

    private readonly MinuteCounter<(AddressKey Address, string Client)> failures = new(time, 10_000);
    private readonly MinuteCounter<AddressKey> failuresOf = new(time, 10_000);

    /// <summary>The client, or the error to answer with.</summary>
    public async Task<(AuthenticatedClient? Client, OAuthError? Error)> AuthenticateAsync(HttpContext http, IReadOnlyDictionary<string, string> form)
    {
        var (client, error) = await ProveAsync(http, form);
        if (client is not { Registration.HasBoundTokens: true })
        {
            return (client, error);
        }

        // RFC 8705 section 3: its tokens are bound to the certificate it asks with; it has to ask with one.
        return peers.Of(http) is { } certificate ? (client with { Certificate = certificate.Thumbprint }, null) : (null, OAuthError.InvalidClient);
    }

    private async Task<(AuthenticatedClient? Client, OAuthError? Error)> ProveAsync(HttpContext http, IReadOnlyDictionary<string, string> form)
    {
        var basic = http.Request.Headers.Authorization;
        var methods = (basic.Count > 0 ? 1 : 0)
            + (form.ContainsKey("client_secret") ? 1 : 0)
            + (form.ContainsKey("client_assertion") || form.ContainsKey("client_assertion_type") ? 1 : 0);
        if (methods > 1)
        {
            // RFC 6749 section 2.3: one method in each request.
            return (null, OAuthError.InvalidRequest("more than one client authentication method"));
        }

        form.TryGetValue("client_id", out var clientId);
        if (form.TryGetValue("client_assertion", out var assertion))
        {
            var proven = form.GetValueOrDefault("client_assertion_type") is AssertionType
                ? await assertions.VerifyAsync(assertion, clientId, http.RequestAborted)
                : null;
            return proven is null ? (null, OAuthError.InvalidClient) : (proven, null);
        }

        if (basic.Count > 0)
        {
            return TryReadBasic(basic.ToString(), out var user, out var password) && (clientId is null || clientId == user)
                ? await VerifySecretAsync(http, user, password)
                : (null, OAuthError.InvalidClient);
        }

        if (form.TryGetValue("client_secret", out var secret))
        {
            return clientId is null ? (null, OAuthError.InvalidClient) : await VerifySecretAsync(http, clientId, secret);
        }

        // RFC 8705 section 2: the client says who it is, the connection proves it.
        return clientId is not null && peers.Of(http) is { } peer && certificates.Verify(clientId, peer) is { } proved ? (proved, null) : (null, OAuthError.InvalidClient);
    }

    private async Task<(AuthenticatedClient? Client, OAuthError? Error)> VerifySecretAsync(HttpContext http, string id, string secret)
    {
        var client = ClientId.IsValid(id) ? clients.Find(new ClientId(id)) : null;
        var known = client is { IsDisabled: false, Authentication: ClientAuthentication.ClientSecret } ? client : null;
        if (known is not null && secrets.IsRemembered(known.SecretHash, secret))
        {
            return (Proven(known), null);
        }

        // Only what must be checked slowly is limited: guessing does not lock the rightful client out once it is remembered.
        // By the id as it is sent: whether it is somebody's makes no difference.
        var address = AddressKey.Of(http.Connection.RemoteIpAddress);
        var attempt = (address, ClientId.IsValid(id) ? id : "");
        if (IsSlowedDown(attempt))
        {
            return (null, OAuthError.SlowDown);
        }

        using var turn = await secrets.TakeTurnAsync(http.RequestAborted);
        if (turn is null)
        {
            return (null, OAuthError.Busy);
        }

        // Those that waited together were not counted yet when they came.
        if (IsSlowedDown(attempt))
        {
            return (null, OAuthError.SlowDown);
        }

        if (await turn.VerifyAsync(known?.SecretHash, secret))
        {
            return (Proven(known!), null);
        }

        failures.Add(attempt);
        if (!options.IsTrustedProxy(http.Connection.RemoteIpAddress))
        {
            failuresOf.Add(address);
        }

        return (null, OAuthError.InvalidClient);
    }

    private bool IsSlowedDown((AddressKey Address, string Client) attempt) =>
        failures.Count(attempt) >= MostFailures || failuresOf.Count(attempt.Address) >= MostFailuresOfAddress;

    private static AuthenticatedClient Proven(ClientRegistration client) => new(client, ClientCredentials.NameOf(client));

    // RFC 6749 section 2.3.1: id and secret are form-encoded inside Basic.
    private static bool TryReadBasic(string header, out string user, out string password)
    {
        (user, password) = ("", "");
        if (header.Length > 1024 || !header.StartsWith(BasicScheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[BasicScheme.Length..].Trim(), buffer, out var length)
            || Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is not [var name, var secret])
        {
            return false;
        }

        (user, password) = (System.Net.WebUtility.UrlDecode(name), System.Net.WebUtility.UrlDecode(secret));
        return true;
    }
}
