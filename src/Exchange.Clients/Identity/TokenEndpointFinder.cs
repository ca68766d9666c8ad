using System.Net.Http.Json;
using System.Net.Security;
using System.Text.Json;
using System.Text.Json.Serialization;
using Exchange.Clients.Hub;
using Grpc.Core;

namespace Exchange.Clients.Identity;

/// <summary>The hub's HTTP/1.1 side: where its token endpoint is, and requests to what stands beside it.</summary>
internal sealed class TokenEndpointFinder : IDisposable
{
    private readonly Uri _address;
    private readonly Uri? _tokenEndpoint;
    private readonly string? _issuer;
    private readonly HttpClient _http;

    /// <param name="address">The hub's gRPC address, asked for what is not stated.</param>
    /// <param name="tokenEndpoint">The token endpoint when it is stated.</param>
    /// <param name="issuer">The issuer when it is stated.</param>
    /// <param name="tls">How TLS is spoken; null as usual, without a certificate.</param>
    public TokenEndpointFinder(Uri address, Uri? tokenEndpoint, string? issuer, SslClientAuthenticationOptions? tls = null)
    {
        (_address, _tokenEndpoint, _issuer) = (address, tokenEndpoint, issuer);
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = tls ?? new() }) { Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>
    /// The token endpoint and the issuer; an issuer that is not needed is empty when it is not stated. Throws <see cref="ExchangeException"/> when the hub cannot be
    /// reached or does not tell, and when secrets would go in the clear to the endpoint of a hub that is reached over https.
    /// </summary>
    public async Task<(Uri Endpoint, string Issuer)> FindAsync(bool needsIssuer, CancellationToken cancellationToken)
    {
        var found = await AskAsync(needsIssuer, cancellationToken);
        return _address.Scheme is "https" && found.Endpoint is { Scheme: not "https", IsLoopback: false }
            ? throw new ExchangeException(
                StatusCode.Unauthenticated, "TOKEN_REFUSED", $"the token endpoint `{found.Endpoint}` would get secrets without TLS, while the hub is reached over https; state an https one, or have the hub's --issuer be one")
            : found;
    }

    private async Task<(Uri Endpoint, string Issuer)> AskAsync(bool needsIssuer, CancellationToken cancellationToken)
    {
        if (_tokenEndpoint is { } given && (_issuer is not null || !needsIssuer))
        {
            return (given, _issuer ?? "");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_tokenEndpoint ?? _address, "/.well-known/openid-configuration"));
        using var response = await SendAsync(request, cancellationToken);
        var found = response.IsSuccessStatusCode ? await ReadAsync<DiscoveryDocument>(response, cancellationToken) : null;
        if ((_tokenEndpoint ?? found?.TokenEndpoint) is not { } endpoint || (_issuer ?? found?.Issuer) is not { } issuer)
        {
            throw new ExchangeException(
                StatusCode.Unavailable, StatusDetails.Transport, $"`{request.RequestUri}` does not tell where tokens are to be had; state the token endpoint and the issuer");
        }

        // CVE-2025-27370: an endpoint that names somebody else's issuer would get an assertion that is good there.
        return _issuer is not null || IsOfOrigin(issuer, endpoint)
            ? (endpoint, issuer)
            : throw new ExchangeException(
                StatusCode.Unauthenticated, "TOKEN_REFUSED", $"`{request.RequestUri}` names the issuer `{issuer}`, but `{endpoint}` is elsewhere; state the issuer if that is meant");
    }

    /// <summary>Sends a request. Throws <see cref="ExchangeException"/> when the hub cannot be reached.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, $"`{request.RequestUri}` cannot be reached: {e.Message}{(_tokenEndpoint is null ? "; state the token endpoint where tokens are not given out at the hub's gRPC address" : "")}", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, $"`{request.RequestUri}` does not answer", e);
        }
    }

    /// <summary>The object that an answer holds; null when it holds none.</summary>
    public static async Task<T?> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
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

    private static bool IsOfOrigin(string issuer, Uri endpoint) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var place) && Uri.Compare(place, endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) is 0;

    private sealed record DiscoveryDocument([property: JsonPropertyName("token_endpoint")] Uri? TokenEndpoint, [property: JsonPropertyName("issuer")] string? Issuer);
}
