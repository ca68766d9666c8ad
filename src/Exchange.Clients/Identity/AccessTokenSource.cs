using System.Text.Json.Serialization;
using Grpc.Core;

namespace Exchange.Clients.Identity;

/// <summary>Gets access tokens by client credentials, or for a user's session, and renews them before they expire; one request at a time, however many callers wait.</summary>
public sealed class AccessTokenSource : IDisposable
{
    private readonly ExchangeClientOptions _options;
    private readonly TokenEndpointFinder _finder;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private (Uri Endpoint, string Audience)? _place;
    private volatile AccessToken? _token;

    internal AccessTokenSource(ExchangeClientOptions options)
    {
        _options = options;
        _finder = new TokenEndpointFinder(options.Address, options.TokenEndpoint, options.Issuer, options.Tls);
    }

    /// <summary>A token that is good for a while yet.</summary>
    /// <exception cref="ExchangeException">The hub gives none (`TOKEN_REFUSED`, `TRANSPORT`).</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken) => (await TakeAsync(cancellationToken)).Text;

    /// <summary>Forgets a token that the hub refused, so that the next caller gets a new one.</summary>
    public void Forget(string token)
    {
        // Callers forget and renew at the same time: only the token that was refused goes.
        if (_token is { } held && held.Text == token)
        {
            Interlocked.CompareExchange(ref _token, null, held);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _finder.Dispose();
        _turn.Dispose();
    }

    /// <summary>As <see cref="GetAsync"/>, with the time from which on it is renewed.</summary>
    internal async Task<AccessToken> TakeAsync(CancellationToken cancellationToken)
    {
        if (_token is { } token && _options.Time.GetUtcNow() < token.RenewTime)
        {
            return token;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_token is { } held && _options.Time.GetUtcNow() < held.RenewTime)
            {
                return held;
            }

            var renewed = await RequestAsync(cancellationToken);
            _token = renewed;
            return renewed;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        var (endpoint, audience) = _place ??= await PlaceAsync(cancellationToken);
        var now = _options.Time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        _options.Credential.Authenticate(request, form, audience, now);
        request.Content = new FormUrlEncodedContent(form);
        using var response = await _finder.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await EndpointRefusal.ReadAsync(response, "TOKEN_REFUSED", $"the hub gives client `{_options.Credential.ClientId}` no token", cancellationToken);
        }

        var answer = await TokenEndpointFinder.ReadAsync<TokenAnswer>(response, cancellationToken);
        return answer is { AccessToken: { Length: > 0 } token, Lifetime: > 0 }
            ? new AccessToken(token, now + (TimeSpan.FromSeconds(answer.Lifetime) * 0.8))
            : throw new ExchangeException(StatusCode.Internal, "TOKEN_REFUSED", $"`{endpoint}` answers, but not with a token; is it the hub's token endpoint?");
    }

    private async Task<(Uri Endpoint, string Audience)> PlaceAsync(CancellationToken cancellationToken) =>
        _options.Credential.Endpoint is { } only ? (only, "") : await _finder.FindAsync(_options.Credential.NamesIssuer, cancellationToken);

    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string? AccessToken, [property: JsonPropertyName("expires_in")] long Lifetime);
}
