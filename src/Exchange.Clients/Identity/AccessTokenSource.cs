using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Exchange.Clients.Hub;
using Grpc.Core;

namespace Exchange.Clients.Identity;

/// <summary>Gets access tokens by client credentials and renews them before they expire; one request at a time, however many callers wait.</summary>
public sealed class AccessTokenSource : IDisposable
{
    private readonly ExchangeClientOptions _options;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private (Uri Endpoint, string Audience)? _place;
    private volatile AccessToken? _token;

    internal AccessTokenSource(ExchangeClientOptions options)
    {
        _options = options;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = options.Tls }) { Timeout = TimeSpan.FromSeconds(30) };
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
        _http.Dispose();
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
        var (endpoint, audience) = _place ??= await FindAsync(cancellationToken);
        var now = _options.Time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        _options.Credential.Authenticate(request, form, audience, now);
        request.Content = new FormUrlEncodedContent(form);
        using var response = await SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var refusal = await ReadAsync<TokenRefusal>(response, cancellationToken);
            var unavailable = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway;
            throw new ExchangeException(
                unavailable ? StatusCode.Unavailable : StatusCode.Unauthenticated,
                "TOKEN_REFUSED",
                $"the hub gives client `{_options.Credential.ClientId}` no token: {refusal?.Error ?? response.StatusCode.ToString()}{(refusal?.Description is { Length: > 0 } text ? $", {text}" : "")}")
            {
                RetryDelay = unavailable ? response.Headers.RetryAfter?.Delta : null,
            };
        }

        var answer = await ReadAsync<TokenAnswer>(response, cancellationToken);
        return answer is { AccessToken: { Length: > 0 } token, Lifetime: > 0 }
            ? new AccessToken(token, now + (TimeSpan.FromSeconds(answer.Lifetime) * 0.8))
            : throw new ExchangeException(StatusCode.Internal, "TOKEN_REFUSED", $"`{endpoint}` answers, but not with a token; is it the hub's token endpoint?");
    }

    private async Task<(Uri Endpoint, string Audience)> FindAsync(CancellationToken cancellationToken)
    {
        if (_options.TokenEndpoint is { } given && (_options.Issuer is not null || !_options.Credential.NamesIssuer))
        {
            return (given, _options.Issuer ?? "");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_options.TokenEndpoint ?? _options.Address, "/.well-known/openid-configuration"));
        using var response = await SendAsync(request, cancellationToken);
        var found = response.IsSuccessStatusCode ? await ReadAsync<DiscoveryDocument>(response, cancellationToken) : null;
        if ((_options.TokenEndpoint ?? found?.TokenEndpoint) is not { } endpoint || (_options.Issuer ?? found?.Issuer) is not { } issuer)
        {
            throw new ExchangeException(
                StatusCode.Unavailable, StatusDetails.Transport, $"`{request.RequestUri}` does not tell where tokens are to be had; state the token endpoint and the issuer");
        }

        // CVE-2025-27370: an endpoint that names somebody else's issuer would get an assertion that is good there.
        return _options.Issuer is not null || IsOfOrigin(issuer, endpoint)
            ? (endpoint, issuer)
            : throw new ExchangeException(
                StatusCode.Unauthenticated, "TOKEN_REFUSED", $"`{request.RequestUri}` names the issuer `{issuer}`, but `{endpoint}` is elsewhere; state the issuer if that is meant");
    }

    private static bool IsOfOrigin(string issuer, Uri endpoint) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var place) && Uri.Compare(place, endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) is 0;

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, $"`{request.RequestUri}` cannot be reached: {e.Message}{(_options.TokenEndpoint is null ? "; state the token endpoint where tokens are not given out at the hub's gRPC address" : "")}", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, $"`{request.RequestUri}` does not answer", e);
        }
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(cancellationToken);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or HttpRequestException)
        {
            return null;
        }
    }

    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string? AccessToken, [property: JsonPropertyName("expires_in")] long Lifetime);

    private sealed record TokenRefusal([property: JsonPropertyName("error")] string? Error, [property: JsonPropertyName("error_description")] string? Description);

    private sealed record DiscoveryDocument([property: JsonPropertyName("token_endpoint")] Uri? TokenEndpoint, [property: JsonPropertyName("issuer")] string? Issuer);
}
