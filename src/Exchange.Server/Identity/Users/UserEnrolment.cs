using Exchange.Catalog;
using Exchange.Server.Governance;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// Enrols users: who has the one-time code is told a TOTP secret of its own, and the salt that it comes of, and comes again with the salt, a password and a code
/// of that secret. Nothing is stored in between.
/// </summary>
internal sealed partial class UserEnrolment(
    GovernanceStore governance, GovernanceCommands commands, UserPasswords passwords, TotpSecrets totp, SignInAttempts attempts, TimeProvider time, ILogger<UserEnrolment> logger)
{
    /// <summary>Tells the TOTP secret that goes with the enrolment code.</summary>
    public async Task<SessionAnswer> BeginAsync(string name, string enrolmentCode, CancellationToken cancellationToken)
    {
        var (user, refused) = await FindAsync(name, EnrolmentCode.HashOf(enrolmentCode), cancellationToken);
        if (user is null)
        {
            return refused!;
        }

        var salt = TotpSecrets.NewSalt();
        var secret = totp.ForEnrolment(user.Id, user.EnrolmentCodeHash, salt)!;
        return SessionAnswer.Of(new Dictionary<string, object>
        {
            ["otpauth_uri"] = TotpSecrets.ToUri(user.Id, secret), ["totp_secret"] = TotpSecrets.ToText(secret), ["totp_salt"] = salt,
        });
    }

    /// <summary>Enrols the user: from now on it signs in with this password and codes of the secret.</summary>
    public async Task<SessionAnswer> CompleteAsync(string name, string enrolmentCode, string salt, string password, string code, CancellationToken cancellationToken)
    {
        if (PasswordRules.Complain(name, password) is { } complaint)
        {
            return SessionAnswer.InvalidRequest($"`password` {complaint}");
        }

        var codeHash = EnrolmentCode.HashOf(enrolmentCode);
        var (user, refused) = await FindAsync(name, codeHash, cancellationToken);
        if (user is null)
        {
            return refused!;
        }

        var secret = totp.ForEnrolment(user.Id, codeHash, salt);
        string passwordHash;
        using (var turn = await passwords.TakeTurnAsync(cancellationToken))
        {
            if (turn is null)
            {
                return SessionAnswer.Unavailable;
            }

            if (secret is null || totp.StepOf(secret, code) is not { } step || !await attempts.UseAsync(user.Id, step))
            {
                return SessionAnswer.InvalidCredentials;
            }

            passwordHash = await turn.HashAsync(password);
        }

        var sealedSecret = totp.Seal(user.Id, secret);
        var enrolled = await commands.ExecuteAsync(
            user.Caller,
            GovernanceStreams.User(user.Id),
            (state, now) => UserRules.Enrol(state, user.Id, codeHash, passwordHash, sealedSecret, now),
            cancellationToken);
        if (enrolled.Refusal is { } refusal)
        {
            return refusal.Reason == RefusalReason.EnrolmentRefused ? SessionAnswer.InvalidCredentials : SessionAnswer.Unavailable;
        }

        Log.Enrolled(logger, user.Id.Value, user.Department.Value);
        return SessionAnswer.Empty;
    }

    private async Task<(User? User, SessionAnswer? Refused)> FindAsync(string name, string codeHash, CancellationToken cancellationToken)
    {
        var newest = await governance.ReadNewestAsync(cancellationToken);
        return newest.IsRefused ? (null, SessionAnswer.Unavailable)
            : newest.Value.Users.GetValueOrDefault(name) is { } user && UserRules.MayEnrol(user, codeHash, time.GetUtcNow()) ? (user, null)
            : (null, SessionAnswer.InvalidCredentials);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "user {User} of department {Department} enrolled")]
        public static partial void Enrolled(ILogger logger, string user, string department);
    }
}
