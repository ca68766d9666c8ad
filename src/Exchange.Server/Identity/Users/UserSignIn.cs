using Exchange.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;

namespace Exchange.Server.Identity.Users;

/// <summary>Signs users in, with password and code, and gives their sessions access tokens.</summary>
internal sealed partial class UserSignIn(
    GovernanceStore governance,
    UserPasswords passwords,
    TotpSecrets totp,
    SignInAttempts attempts,
    UserSessions sessions,
    AccessTokenIssuer issuer,
    HubOptions options,
    TimeProvider time,
    ILogger<UserSignIn> logger)
{
    /// <summary>Begins a session. One answer, as fast, for whatever is wrong: the user, its password, its code, a code used before, or that it is locked.</summary>
    public async Task<SessionAnswer> SignInAsync(string name, string password, string code, CancellationToken cancellationToken)
    {
        var newest = await governance.ReadNewestAsync(cancellationToken);
        if (newest.IsRefused)
        {
            return SessionAnswer.Unavailable;
        }

        var user = newest.Value.Users.GetValueOrDefault(name) is { MaySignIn: true } found ? found : null;
        SignInAttempts.Attempt attempt;
        bool isRight;

        // Counted once it is looked at: an attempt that finds no room, or is broken off, locks nobody.
        using (var turn = await passwords.TakeTurnAsync(cancellationToken))
        {
            if (turn is null)
            {
                return SessionAnswer.Unavailable;
            }

            attempt = await attempts.BeginAsync(name, user);
            isRight = await turn.VerifyAsync(user, password);
        }

        var step = user is null ? null : totp.StepOf(user, code);
        if (attempt is SignInAttempts.Attempt.Locked || !isRight || user is null || step is null || !await attempts.SucceedAsync(user.Id, step.Value))
        {
            if (attempt is SignInAttempts.Attempt.Last && user is not null)
            {
                Log.Locked(logger, user.Id.Value);
            }

            return SessionAnswer.InvalidCredentials;
        }

        var (token, session) = await sessions.BeginAsync(user, cancellationToken);
        Log.SignedIn(logger, user.Id.Value, user.Department.Value);
        return SessionAnswer.Created(new Dictionary<string, object> { ["session"] = token, ["expire_time"] = session.ExpireTime.UtcDateTime });
    }

    /// <summary>An access token for a session, good until the session is over or ends because it is not used.</summary>
    public async Task<SessionAnswer> IssueAsync(string token, CancellationToken cancellationToken)
    {
        if (await sessions.UseAsync(token, cancellationToken) is not { } session)
        {
            return SessionAnswer.InvalidSession;
        }

        var newest = await governance.ReadNewestAsync(cancellationToken);
        if (newest.IsRefused)
        {
            return SessionAnswer.Unavailable;
        }

        if (newest.Value.Users.GetValueOrDefault(session.User.Value) is not { MaySignIn: true } user || user.Enrolment != session.Id.Enrolment)
        {
            return SessionAnswer.InvalidSession;
        }

        var left = session.ExpireTime - time.GetUtcNow();
        var lifetime = new[] { left, options.SessionIdle, options.AccessTokenLifetime }.Min();
        return SessionAnswer.Of(new Dictionary<string, object>
        {
            ["access_token"] = issuer.Issue(user, session.Id, lifetime),
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)lifetime.TotalSeconds,
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "user {User} of department {Department} signed in")]
        public static partial void SignedIn(ILogger logger, string user, string department);

        [LoggerMessage(2, LogLevel.Warning, "user {User} is locked for a while: too many wrong attempts to sign in")]
        public static partial void Locked(ILogger logger, string user);
    }
}
