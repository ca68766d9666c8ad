using System.Globalization;
using System.Text.Json;
using Exchange.Server.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary><c>POST /connect/token</c>: access tokens for machines (RFC 6749 section 4.4, client credentials).</summary>
internal sealed partial class TokenEndpoint(
    ClientAuthenticator authenticator, AccessTokenIssuer issuer, RefusedCalls refusals, HubOptions options, ILogger<TokenEndpoint> logger)
{
    /// <summary>Largest request body.</summary>
    public const int LargestBodyBytes = 32 * 1024;

    private const int MostParameters = 20;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = HttpMethods.Post;
            return;
        }

        var (token, error) = await GrantAsync(http);

        // RFC 6749 section 5.1.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        if (token is not null)
        {
            await WriteAsync(http, new Dictionary<string, object>
            {
                ["access_token"] = token,
                ["token_type"] = "Bearer",
                ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
            });
            return;
        }

        refusals.Add(http);
        http.Response.StatusCode = error!.Status;
        if (error.Status is StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"dataexchange\"";
        }
        else if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = (error.Status is StatusCodes.Status429TooManyRequests ? 60 : 1).ToString(CultureInfo.InvariantCulture);
        }

        await WriteAsync(http, new Dictionary<string, object> { ["error"] = error.Code, ["error_description"] = error.Description });
    }

    private async Task<(string? Token, OAuthError? Error)> GrantAsync(HttpContext http)
    {
        var (form, error) = await ReadFormAsync(http);
        if (form is null)
        {
            return (null, error);
        }

        try
        {
            (var client, error) = await authenticator.AuthenticateAsync(http, form);
            if (client is null)
            {
                return (null, error);
            }

            if (form["grant_type"] is not "client_credentials")
            {
                return (null, new OAuthError("unsupported_grant_type", "only client_credentials is supported"));
            }

            if (form.ContainsKey("scope"))
            {
                return (null, new OAuthError("invalid_scope", "the hub has no scopes: what a client may do is its role and its department's grants"));
            }

            Log.Issued(logger, client.Id.Value, client.Department.Value);
            return (issuer.Issue(client), null);
        }
        catch (NpgsqlException e)
        {
            Log.NoDatabase(logger, e);
            return (null, OAuthError.Unavailable);
        }
    }

    private static async Task<(IReadOnlyDictionary<string, string>? Form, OAuthError? Error)> ReadFormAsync(HttpContext http)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBodyBytes;
        }

        if (request.ContentType?.Split(';')[0].Trim().ToUpperInvariant() is not "APPLICATION/X-WWW-FORM-URLENCODED")
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
        if (form.Any(parameter => parameter.Value.Count > 1))
        {
            return (null, OAuthError.InvalidRequest("a parameter comes twice"));
        }

        var given = form.Where(parameter => !string.IsNullOrEmpty(parameter.Value)).ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToString());
        return given.ContainsKey("grant_type") ? (given, null) : (null, OAuthError.InvalidRequest("grant_type is missing"));
    }

    private static Task WriteAsync(HttpContext http, Dictionary<string, object> body)
    {
        http.Response.ContentType = "application/json";
        return http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), http.RequestAborted).AsTask();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "issued an access token to client {Client} of department {Department}")]
        public static partial void Issued(ILogger logger, string client, string department);

        [LoggerMessage(2, LogLevel.Warning, "no token issued: the database does not answer")]
        public static partial void NoDatabase(ILogger logger, Exception exception);
    }
}
