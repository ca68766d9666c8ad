using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Npgsql;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// Users' sessions, in the database: a token of 256 random bits that only its holder knows, kept as its hash, gets access tokens until the session ends. That is when
/// it is ended, is not used for a while, or is over. With it end its access tokens, known by their `sid`.
/// </summary>
internal sealed partial class UserSessions(NpgsqlDataSource database, RevokedTokens revoked, HubOptions options, TimeProvider time, ILogger<UserSessions> logger)
    : BackgroundService
{
    /// <summary>Sessions a user may have; the oldest ends when one more begins.</summary>
    public const int MostOfUser = 20;

    private const string Insert = """
        INSERT INTO identity.session (token_hash, user_id, sid, create_time, use_time, idle_expire_time, expire_time)
        VALUES ($1, $2, $3, $4, $4, $5, $6)
        """;

    private const string Touch = """
        UPDATE identity.session SET use_time = $2, idle_expire_time = $3
        WHERE token_hash = $1 AND idle_expire_time > $2 AND expire_time > $2
        RETURNING sid, user_id, create_time, use_time, expire_time
        """;

    private const string SelectByToken = "SELECT sid, user_id, create_time, use_time, expire_time FROM identity.session WHERE token_hash = $1";

    private const string SelectByUser = """
        SELECT sid, user_id, create_time, use_time, expire_time FROM identity.session
        WHERE user_id = $1 AND idle_expire_time > $2 AND expire_time > $2
        ORDER BY create_time, sid
        """;

    private const string Revoke = """
        INSERT INTO identity.revoked_token (client, jti, expire_time)
        SELECT $1, unnest($2::text[]), $3
        ON CONFLICT (client, jti) DO NOTHING
        """;

    private const string Delete = "DELETE FROM identity.session WHERE user_id = $1 AND sid = ANY ($2)";

    private const string Purge = "DELETE FROM identity.session WHERE expire_time < $1 OR idle_expire_time < $1";

    private const int TokenBytes = 32;

    private static readonly TimeSpan PurgePeriod = TimeSpan.FromMinutes(1);

    /// <summary>Begins a session of the user, by its present enrolment.</summary>
    public async Task<(string Token, UserSession Session)> BeginAsync(User user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var session = new UserSession(SessionId.New(user.Enrolment), user.Id, now, now, now + options.SessionLifetime);
        await using (var command = database.CreateCommand(Insert))
        {
            command.Parameters.Add(new() { Value = HashOf(token) });
            command.Parameters.Add(new() { Value = user.Id.Value });
            command.Parameters.Add(new() { Value = session.Id.ToString() });
            command.Parameters.Add(new() { Value = now });
            command.Parameters.Add(new() { Value = now + options.SessionIdle });
            command.Parameters.Add(new() { Value = session.ExpireTime });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var all = await ListAsync(user.Id, cancellationToken);
        await EndAsync(user.Id, [.. all.Take(all.Count - MostOfUser).Select(old => old.Id)]);
        return (token, session);
    }

    /// <summary>The session of a token, which counts as used from now on; null when it has ended. Whether its user may act is another question.</summary>
    public async Task<UserSession?> UseAsync(string token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.CreateCommand(Touch);
        command.Parameters.Add(new() { Value = HashOf(token) });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = now + options.SessionIdle });
        return await ReadAsync(command, cancellationToken) is [var session] ? session : null;
    }

    /// <summary>Ends the session of a token; false when there is none.</summary>
    public async Task<bool> EndAsync(string token)
    {
        await using var command = database.CreateCommand(SelectByToken);
        command.Parameters.Add(new() { Value = HashOf(token) });
        return await ReadAsync(command, CancellationToken.None) is [var session] && await EndAsync(session.User, [session.Id]) > 0;
    }

    /// <summary>A user's sessions that have not ended, the newest last.</summary>
    public async Task<IReadOnlyList<UserSession>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectByUser);
        command.Parameters.Add(new() { Value = user.Value });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Ends all sessions of a user, or the one of this id; returns how many.</summary>
    public async Task<int> EndAsync(UserId user, SessionId? only, CancellationToken cancellationToken)
    {
        var all = await ListAsync(user, cancellationToken);
        return await EndAsync(user, [.. all.Select(session => session.Id).Where(id => only is null || id == only)]);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var period = new PeriodicTimer(PurgePeriod, time);
        while (await period.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var command = database.CreateCommand(Purge);
                command.Parameters.Add(new() { Value = time.GetUtcNow() });
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                Log.NotPurged(logger, e);
            }
        }
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static async Task<IReadOnlyList<UserSession>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var sessions = new List<UserSession>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            sessions.Add(new UserSession(
                SessionId.Parse(reader.GetString(0)) ?? throw new FormatException("a stored session's id is not of a known form"),
                new UserId(reader.GetString(1)),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset>(4)));
        }

        return sessions;
    }

    // Together, or an access token that was given out a moment ago would outlive its session. Not bound to a request that may be broken off.
    private async Task<int> EndAsync(UserId user, IReadOnlyList<SessionId> ids)
    {
        if (ids.Count is 0)
        {
            return 0;
        }

        string[] names = [.. ids.Select(id => id.ToString())];
        var expireTime = time.GetUtcNow() + HubOptions.LongestAccessToken + AccessTokenValidator.ClockSkew;
        int ended;
        await using (var connection = await database.OpenConnectionAsync(CancellationToken.None))
        await using (var transaction = await connection.BeginTransactionAsync(CancellationToken.None))
        {
            await using var revoke = new NpgsqlCommand(Revoke, connection, transaction);
            revoke.Parameters.Add(new() { Value = user.Client.Value });
            revoke.Parameters.Add(new() { Value = names });
            revoke.Parameters.Add(new() { Value = expireTime });
            await revoke.ExecuteNonQueryAsync(CancellationToken.None);
            await using var delete = new NpgsqlCommand(Delete, connection, transaction);
            delete.Parameters.Add(new() { Value = user.Value });
            delete.Parameters.Add(new() { Value = names });
            ended = await delete.ExecuteNonQueryAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        revoked.Learn(user.Client, names, expireTime);
        return ended;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "sessions that have ended are not deleted: the database does not answer")]
        public static partial void NotPurged(ILogger logger, Exception exception);
    }
}
