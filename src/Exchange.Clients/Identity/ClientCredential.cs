using System.Text;

namespace Exchange.Clients.Identity;

/// <summary>How a client, or a person who has signed in, proves to the hub who it is.</summary>
public abstract class ClientCredential
{
    private ClientCredential(string clientId) => ClientId = clientId;

    /// <summary>The client's id; `users/{user}` for a person.</summary>
    public string ClientId { get; }

    /// <summary>By an assertion signed with the client's key (RFC 7523).</summary>
    public static ClientCredential PrivateKey(string clientId, ClientKey key) => new KeyCredential(clientId, key);

    /// <summary>By a secret; for trials.</summary>
    public static ClientCredential Secret(string clientId, string secret) => new SecretCredential(clientId, secret);

    /// <summary>By the TLS certificate of <see cref="ExchangeClientOptions.Certificate"/> (RFC 8705).</summary>
    public static ClientCredential Certificate(string clientId) => new CertificateCredential(clientId);

    /// <summary>By a session that a person has begun.</summary>
    public static ClientCredential Session(UserSession session) => new SessionCredential(session);

    /// <summary>True when the proof names the issuer.</summary>
    internal abstract bool NamesIssuer { get; }

    internal abstract void Authenticate(HttpRequestMessage request, Dictionary<string, string> form, string audience, DateTimeOffset now);

    /// <summary>The only place that the proof is sent to; null for whichever token endpoint is stated or found.</summary>
    internal virtual Uri? Endpoint => null;

    private sealed class KeyCredential(string clientId, ClientKey key) : ClientCredential(clientId)
    {
        internal override bool NamesIssuer => true;

        internal override void Authenticate(HttpRequestMessage request, Dictionary<string, string> form, string audience, DateTimeOffset now)
        {
            form["client_id"] = ClientId;
            form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            form["client_assertion"] = key.SignAssertion(ClientId, audience, now);
        }
    }

    private sealed class SecretCredential(string clientId, string secret) : ClientCredential(clientId)
    {
        internal override bool NamesIssuer => false;

        // RFC 6749 section 2.3.1: id and secret are form-encoded before they become Basic credentials.
        internal override void Authenticate(HttpRequestMessage request, Dictionary<string, string> form, string audience, DateTimeOffset now) =>
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Encoded(ClientId)}:{Encoded(secret)}")));

        private static string Encoded(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
    }

    private sealed class CertificateCredential(string clientId) : ClientCredential(clientId)
    {
        internal override bool NamesIssuer => false;

        internal override void Authenticate(HttpRequestMessage request, Dictionary<string, string> form, string audience, DateTimeOffset now) => form["client_id"] = ClientId;
    }

    private sealed class SessionCredential(UserSession session) : ClientCredential($"users/{session.User}")
    {
        internal override bool NamesIssuer => false;

        internal override void Authenticate(HttpRequestMessage request, Dictionary<string, string> form, string audience, DateTimeOffset now) =>
            request.Headers.Authorization = new("Bearer", session.Token);

        internal override Uri Endpoint { get; } = UserSignIn.At(session.TokenEndpoint, "token");
    }
}
