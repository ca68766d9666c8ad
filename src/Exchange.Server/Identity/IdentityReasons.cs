using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>Why a call is not authenticated. Constant texts: nothing of a token is ever repeated.</summary>
public static class IdentityReasons
{
    /// <summary>The call brings no access token.</summary>
    public static Refusal TokenMissing { get; } = Unauthenticated("TOKEN_MISSING", "send `authorization: Bearer` with an access token of the hub's token endpoint");

    /// <summary>The access token's time is over; also ends streams.</summary>
    public static Refusal TokenExpired { get; } = Unauthenticated("TOKEN_EXPIRED", "the access token has expired; get a new one and resume");

    /// <summary>The text is not an access token of this hub.</summary>
    public static Refusal TokenInvalid { get; } = Unauthenticated("TOKEN_INVALID", "this is not an access token of this hub; get one at its token endpoint");

    /// <summary>The client is disabled; also ends streams.</summary>
    public static Refusal ClientDisabled { get; } = Unauthenticated("CLIENT_DISABLED", "the client is disabled; ask the hub's operator");

    /// <summary>The access token was revoked, or the key or certificate that its client got it with was taken away or revoked; also ends streams.</summary>
    public static Refusal TokenRevoked { get; } = Unauthenticated("TOKEN_REVOKED", "the access token was revoked, or the key it was got with taken away; get a new one and resume");

    /// <summary>The user is disabled; also ends streams.</summary>
    public static Refusal UserDisabled { get; } = Unauthenticated("USER_DISABLED", "the user is disabled; ask the hub's operator");

    /// <summary>The user's session has ended, or the user must enrol again; also ends streams.</summary>
    public static Refusal SessionEnded { get; } = Unauthenticated("SESSION_ENDED", "the session has ended; sign in again");

    /// <summary>The token says that it is the external issuer's, whose keys this node has not read yet.</summary>
    public static Refusal IssuerUnknown { get; } = new(
        new RefusalReason("ISSUER_UNKNOWN", RefusalKind.Unavailable), "the hub has not read the keys of the token's issuer yet; retry") { RetryAfter = TimeSpan.FromSeconds(5) };

    private static Refusal Unauthenticated(string code, string message) => new(new RefusalReason(code, RefusalKind.Unauthenticated), message);
}
