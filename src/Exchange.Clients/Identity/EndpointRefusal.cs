using System.Net;
using System.Text.Json.Serialization;
using Grpc.Core;

namespace Exchange.Clients.Identity;

/// <summary>What the token endpoint, and those beside it, answer when they refuse (RFC 6749 section 5.2).</summary>
internal sealed record EndpointRefusal([property: JsonPropertyName("error")] string? Error, [property: JsonPropertyName("error_description")] string? Description)
{
    /// <summary>The refusal of an answer, told after a sentence's beginning.</summary>
    public static async Task<ExchangeException> ReadAsync(HttpResponseMessage response, string reason, string beginning, CancellationToken cancellationToken)
    {
        var refusal = await TokenEndpointFinder.ReadAsync<EndpointRefusal>(response, cancellationToken);
        var code = response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway => StatusCode.Unavailable,
            _ => StatusCode.Unauthenticated,
        };
        return new ExchangeException(
            code, reason, $"{beginning}: {refusal?.Error ?? response.StatusCode.ToString()}{(refusal?.Description is { Length: > 0 } text ? $", {text}" : "")}")
        {
            RetryDelay = code is StatusCode.Unavailable ? response.Headers.RetryAfter?.Delta : null,
        };
    }
}
