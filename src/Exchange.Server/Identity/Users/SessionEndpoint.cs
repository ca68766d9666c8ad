using System.Globalization;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.EventStore.Appending;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// How people come in, over HTTP with small JSON objects: they enrol, sign in, get access tokens for their session, sign out. Answers are never cached, refusals are
/// counted. A web page of another site cannot post JSON here without the browser asking first, and nothing here answers that.
/// </summary>
internal sealed partial class SessionEndpoint(
    UserSignIn signIn, UserEnrolment enrolment, UserSessions sessions, RefusedRequests refused, HubOptions options, TimeProvider time, ILogger<SessionEndpoint> logger)
{
    /// <summary>Sign in (POST) and out (DELETE).</summary>
    public const string Path = "/session";

    /// <summary>An access token for a session (POST).</summary>
    public const string TokenPath = "/session/token";

    /// <summary>A TOTP secret for an enrolment code, and its salt (POST).</summary>
    public const string EnrolmentPath = "/session/enrolment";

    /// <summary>Salt, password and first code of a user who enrols (POST).</summary>
    public const string CompletionPath = "/session/enrolment/complete";

    private const int LargestBodyBytes = 4096;
    private const int LongestMember = 1024;
    private const int LongestToken = 100;
    private const int MostRefusedOfAddress = 60;
    private const string BearerScheme = "Bearer ";

    private readonly MinuteCounter<AddressKey> refusedOf = new(time, 10_000);

    /// <summary>Signs in or out.</summary>
    public Task HandleAsync(HttpContext http) => HttpMethods.IsDelete(http.Request.Method)
        ? AnswerAsync(http, HttpMethods.Delete, () => WithTokenAsync(http, async token => await sessions.EndAsync(token) ? SessionAnswer.Empty : SessionAnswer.InvalidSession))
        : AnswerAsync(http, HttpMethods.Post, () => WithMembersAsync(http, ["user", "password", "code"], given => signIn.SignInAsync(given[0], given[1], given[2], http.RequestAborted)));

    /// <summary>Gives an access token.</summary>
    public Task HandleTokenAsync(HttpContext http) =>
        AnswerAsync(http, HttpMethods.Post, () => WithTokenAsync(http, token => signIn.IssueAsync(token, http.RequestAborted)));

    /// <summary>Begins an enrolment.</summary>
    public Task HandleEnrolmentAsync(HttpContext http) =>
        AnswerAsync(http, HttpMethods.Post, () => WithMembersAsync(http, ["user", "enrolment_code"], given => enrolment.BeginAsync(given[0], given[1], http.RequestAborted)));

    /// <summary>Completes an enrolment.</summary>
    public Task HandleCompletionAsync(HttpContext http) => AnswerAsync(http, HttpMethods.Post, () => WithMembersAsync(
        http,
        ["user", "enrolment_code", "totp_salt", "password", "code"],
        given => enrolment.CompleteAsync(given[0], given[1], given[2], given[3], given[4], http.RequestAborted)));

    private async Task AnswerAsync(HttpContext http, string method, Func<Task<SessionAnswer>> answerAsync)
    {
        var response = http.Response;
        if (http.Request.Method != method)
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = http.Request.Path == Path ? $"{HttpMethods.Post}, {HttpMethods.Delete}" : method;
            refused.Add(http, OAuthError.WrongMethod);
            return;
        }

        var answer = await LimitedAsync(http, answerAsync);
        response.StatusCode = answer.Status;
        response.Headers.CacheControl = "no-store";
        if (answer.Error is { } error)
        {
            refused.Add(http, error);
            WriteHeaders(response);
        }

        if (answer.Body is { } body)
        {
            response.ContentType = "application/json";
            await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), http.RequestAborted);
        }
    }

    private async Task<SessionAnswer> LimitedAsync(HttpContext http, Func<Task<SessionAnswer>> answerAsync)
    {
        var address = AddressKey.Of(http.Connection.RemoteIpAddress);
        if (refusedOf.Count(address) >= MostRefusedOfAddress)
        {
            return SessionAnswer.SlowDown;
        }

        try
        {
            var answer = await answerAsync();
            if (answer.Status is StatusCodes.Status401Unauthorized && !options.IsTrustedProxy(http.Connection.RemoteIpAddress))
            {
                refusedOf.Add(address);
            }

            return answer;
        }
        catch (Exception e) when (e is NpgsqlException or AppendInDoubtException)
        {
            Log.NoDatabase(logger, e);
            return SessionAnswer.Unavailable;
        }
    }

    private static void WriteHeaders(HttpResponse response)
    {
        if (response.StatusCode is StatusCodes.Status401Unauthorized)
        {
            // RFC 9110 section 15.5.2 asks for a challenge. Not Basic: browsers would ask for a password of their own.
            response.Headers.WWWAuthenticate = "Bearer realm=\"dataexchange\"";
        }
        else if (response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = (response.StatusCode is StatusCodes.Status429TooManyRequests ? 60 : 1).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static Task<SessionAnswer> WithTokenAsync(HttpContext http, Func<string, Task<SessionAnswer>> answerAsync) =>
        http.Request.Headers.Authorization is [{ } header] && header.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
            && header.Length <= BearerScheme.Length + LongestToken
                ? answerAsync(header[BearerScheme.Length..])
                : Task.FromResult(SessionAnswer.InvalidSession);

    // All of these, each a text that is not too long, and nothing else.
    private static async Task<SessionAnswer> WithMembersAsync(HttpContext http, string[] names, Func<string[], Task<SessionAnswer>> answerAsync)
    {
        var request = http.Request;
        if (request.ContentType?.Split(';')[0].Trim().ToUpperInvariant() is not "APPLICATION/JSON")
        {
            return SessionAnswer.InvalidRequest("the body must be application/json");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBodyBytes;
        }

        using var body = new MemoryStream();
        try
        {
            await request.Body.CopyToAsync(body, http.RequestAborted);
        }
        catch (BadHttpRequestException)
        {
            return SessionAnswer.InvalidRequest($"the body is larger than {LargestBodyBytes} bytes");
        }

        var given = StrictJson.ReadObject(body.ToArray()) is { } json && json.GetPropertyCount() == names.Length
            ? names.Select(name => StrictJson.Text(json, name)).OfType<string>().Where(text => text.Length is > 0 and <= LongestMember).ToArray()
            : [];
        return given.Length == names.Length
            ? await answerAsync(given)
            : SessionAnswer.InvalidRequest($"the body must be an object of the texts {string.Join(", ", names)}, each of 1 to {LongestMember} characters");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "a session request is not answered: the database does not answer")]
        public static partial void NoDatabase(ILogger logger, Exception exception);
    }
}
