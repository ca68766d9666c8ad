namespace Exchange.Server.Identity;

/// <summary>An answer of an OAuth endpoint that refuses (RFC 6749 section 5.2).</summary>
/// <param name="Code">The standard's word.</param>
/// <param name="Description">For people. Constant: nothing of a request is repeated.</param>
/// <param name="Status">HTTP status.</param>
internal sealed record OAuthError(string Code, string Description, int Status = StatusCodes.Status400BadRequest)
{
    /// <summary>As a request by another method than POST is counted; its answer has no body.</summary>
    public const string WrongMethod = "invalid_request";

    /// <summary>The client did not prove who it is; why is not said.</summary>
    public static OAuthError InvalidClient { get; } = new("invalid_client", "client authentication failed", StatusCodes.Status401Unauthorized);

    /// <summary>Too many wrong secrets from one address for one client.</summary>
    public static OAuthError SlowDown { get; } = new("invalid_client", "too many failed attempts; wait a minute", StatusCodes.Status429TooManyRequests);

    /// <summary>Too many tokens of one client revoked at a time.</summary>
    public static OAuthError TooManyRevoked { get; } = new(
        "invalid_request", $"a client may revoke {RevokedTokens.MostOfClient} tokens until those revoked have expired; wait a minute", StatusCodes.Status429TooManyRequests);

    /// <summary>The hub cannot decide now.</summary>
    public static OAuthError Unavailable { get; } = new("temporarily_unavailable", "the hub's database does not answer; try again", StatusCodes.Status503ServiceUnavailable);

    /// <summary>Too many secrets wait to be checked.</summary>
    public static OAuthError Busy { get; } = new("temporarily_unavailable", "too many secrets wait to be checked; try again", StatusCodes.Status503ServiceUnavailable);

    /// <summary>The request is not one of the standard's.</summary>
    public static OAuthError InvalidRequest(string description) => new("invalid_request", description);
}
