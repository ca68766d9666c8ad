namespace Exchange.Server.Identity.Users;

/// <summary>What the session endpoints answer: a status, and a JSON object or nothing. Refusals are constant, whatever the reason.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The object; null for none.</param>
internal sealed record SessionAnswer(int Status, IReadOnlyDictionary<string, object>? Body)
{
    /// <summary>Done; nothing to tell.</summary>
    public static SessionAnswer Empty { get; } = new(StatusCodes.Status204NoContent, null);

    /// <summary>Not signed in or enrolled; why is not said.</summary>
    public static SessionAnswer InvalidCredentials { get; } = Refuse(
        StatusCodes.Status401Unauthorized, "invalid_credentials", "this does not let anybody in; after several wrong attempts nothing does for a while");

    /// <summary>The token is no session's, or its session has ended.</summary>
    public static SessionAnswer InvalidSession { get; } = Refuse(StatusCodes.Status401Unauthorized, "invalid_session", "there is no such session, or it has ended: sign in again");

    /// <summary>Too many refused requests from one address.</summary>
    public static SessionAnswer SlowDown { get; } = Refuse(StatusCodes.Status429TooManyRequests, "slow_down", "too many refused requests from this address; wait a minute");

    /// <summary>The hub cannot decide now.</summary>
    public static SessionAnswer Unavailable { get; } = Refuse(StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable", "the hub cannot answer now; try again");

    /// <summary>What is refused, as refusals are counted; null for success.</summary>
    public string? Error { get; private init; }

    /// <summary>Success with an object.</summary>
    public static SessionAnswer Of(IReadOnlyDictionary<string, object> body) => new(StatusCodes.Status200OK, body);

    /// <summary>Success that made something.</summary>
    public static SessionAnswer Created(IReadOnlyDictionary<string, object> body) => new(StatusCodes.Status201Created, body);

    /// <summary>A request that is none, whoever makes it.</summary>
    public static SessionAnswer InvalidRequest(string description) => Refuse(StatusCodes.Status400BadRequest, "invalid_request", description);

    private static SessionAnswer Refuse(int status, string code, string description) =>
        new(status, new Dictionary<string, object> { ["error"] = code, ["error_description"] = description }) { Error = code };
}
