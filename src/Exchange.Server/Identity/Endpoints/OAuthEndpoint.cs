using System.Globalization;
using System.Text.Json;
using Exchange.Catalog;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>
/// What the OAuth endpoints have in common: one form by POST from a client that proves who it is, an answer that is never cached, errors in the
/// standard's words, refusals counted.
/// </summary>
internal sealed partial class OAuthEndpoint(ClientAuthenticator authenticator, RefusedRequests refused, ILogger<OAuthEndpoint> logger)
{
    /// <summary>Largest request body.</summary>
    public const int LargestBodyBytes = 32 * 1024;

    private const int MostParameters = 20;

    /// <summary>Answers one request with what the endpoint makes of an authenticated client's parameters.</summary>
    public async Task HandleAsync(HttpContext http, Func<AuthenticatedClient, IReadOnlyDictionary<string, string>, Task<OAuthAnswer>> answerAsync)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = HttpMethods.Post;
            refused.Add(http, OAuthError.WrongMethod);
            return;
        }

        var answer = await AnswerAsync(http, answerAsync);

        // RFC 6749 section 5.1.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        if (answer.Error is { } error)
        {
            refused.Add(http, error.Code);
            WriteHeaders(http.Response, error);
        }

        if (answer.Body is { } body)
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), http.RequestAborted);
        }
    }

    private async Task<OAuthAnswer> AnswerAsync(HttpContext http, Func<AuthenticatedClient, IReadOnlyDictionary<string, string>, Task<OAuthAnswer>> answerAsync)
    {
        var (form, error) = await ReadFormAsync(http);
        if (form is null)
        {
            return error!;
        }

        try
        {
            (var client, error) = await authenticator.AuthenticateAsync(http, form);
            return client is null ? error! : await answerAsync(client, form);
        }
        catch (NpgsqlException e)
        {
            Log.NoDatabase(logger, e);
            return OAuthError.Unavailable;
        }
    }

    private static void WriteHeaders(HttpResponse response, OAuthError error)
    {
        response.StatusCode = error.Status;
        if (error.Status is StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Basic realm=\"dataexchange\"";
        }
        else if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = (error.Status is StatusCodes.Status429TooManyRequests ? 60 : 1).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static async Task<(IReadOnlyDictionary<string, string>? Form, OAuthError? Error)> ReadFormAsync(HttpContext http)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBodyBytes;
        }

        if (request.ContentLength > LargestBodyBytes && HttpProtocol.IsHttp11(request.Protocol))
        {
            // Its rest is not waited for: the client must know that the connection ends, or its next request on it is lost.
            http.Response.Headers.Connection = "close";
        }

        if (!IsForm(request.ContentType))
        {
            return (null, OAuthError.InvalidRequest("the body must be application/x-www-form-urlencoded"));
        }

        if (request.Query.Count > 0)
        {
            // RFC 6749 section 3.2: parameters in the body only; a URL is logged on its way.
            return (null, OAuthError.InvalidRequest("parameters belong in the body, not in the URL"));
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(new FormOptions { ValueCountLimit = MostParameters, BufferBodyLengthLimit = LargestBodyBytes }, http.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return (null, OAuthError.InvalidRequest($"the body is not a form of at most {LargestBodyBytes} bytes and {MostParameters} parameters"));
        }

        // RFC 6749 section 3.2: a parameter without value counts as left out, and none comes twice.
        return form.Any(parameter => parameter.Value.Count > 1)
            ? (null, OAuthError.InvalidRequest("a parameter comes twice"))
            : (form.Where(parameter => !string.IsNullOrEmpty(parameter.Value)).ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToString()), null);
    }

    // RFC 9110 section 8.3.1: a media type with parameters that are no such is none.
    private static bool IsForm(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "an OAuth request is not answered: the database does not answer")]
        public static partial void NoDatabase(ILogger logger, Exception exception);
    }
}
