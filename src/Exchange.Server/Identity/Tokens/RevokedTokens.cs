using System.Collections.Concurrent;
using Exchange.Catalog;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>
/// Access tokens that were revoked before their time (RFC 7009), until they expire. They are kept in the database, few of each client; each node reads them
/// every second. A user's session that was ended stands among them by its `sid`. While the database does not answer nothing is read or written anyway.
/// </summary>
internal sealed partial class RevokedTokens(NpgsqlDataSource database, TimeProvider time, ILogger<RevokedTokens> logger) : BackgroundService
{
    /// <summary>Tokens that a client may have revoked at a time.</summary>
    public const int MostOfClient = 100;

    // Times are the database's. What it keeps beyond a token's own is for clocks that are apart.
    private const string Insert = """
        INSERT INTO identity.revoked_token (client, jti, expire_time)
        SELECT $1, $2, $3
        WHERE (SELECT count(*) FROM identity.revoked_token WHERE client = $1) < $4
        ON CONFLICT (client, jti) DO NOTHING
        """;

    private const string IsThere = "SELECT EXISTS (SELECT FROM identity.revoked_token WHERE client = $1 AND jti = $2)";
    private const string Select = "SELECT client, jti, expire_time FROM identity.revoked_token";
    private const string Purge = "DELETE FROM identity.revoked_token WHERE expire_time < now() - interval '1 minute'";
    private const int PeriodsUntilPurge = 60;

    // A burst leaves the database's connections to everybody else.
    private const int MostAtOnce = 4;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Overtime = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<TokenName, DateTimeOffset> revoked = new();
    private readonly SemaphoreSlim turns = new(MostAtOnce);

    /// <summary>True once this node knows that the token was revoked: at once on the node that did it, within seconds on the others.</summary>
    public bool Contains(AccessToken token) => revoked.ContainsKey(TokenName.Of(token));

    /// <summary>
    /// Revokes a token for good; false when its client has revoked too many of late. Throws <see cref="NpgsqlException"/> when the database does not tell:
    /// then it may be revoked or not, and may be revoked again.
    /// </summary>
    public async Task<bool> TryAddAsync(AccessToken token)
    {
        // Not bound to the request: a client that revokes on its way out does not wait for the answer.
        var name = TokenName.Of(token);
        await turns.WaitAsync();
        try
        {
            await using var insert = database.CreateCommand(Insert);
            insert.Parameters.Add(new() { Value = name.Client });
            insert.Parameters.Add(new() { Value = name.Id });
            insert.Parameters.Add(new() { Value = token.ExpireTime });
            insert.Parameters.Add(new() { Value = MostOfClient });
            if (await insert.ExecuteNonQueryAsync() is 0 && !await IsThereAsync(name))
            {
                return false;
            }
        }
        finally
        {
            turns.Release();
        }

        Learn([(name, token.ExpireTime)]);
        return true;
    }

    /// <summary>Knows at once on this node what it wrote itself: sessions of a user that have ended, and with them all their tokens.</summary>
    public void Learn(ClientId user, IEnumerable<string> sessions, DateTimeOffset expireTime) =>
        Learn([.. sessions.Select(session => (new TokenName(user.Value, session), expireTime))]);

    /// <summary>Reads all of them before the node serves.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        turns.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        for (var period = 1; await timer.WaitForNextTickAsync(stoppingToken); period++)
        {
            Forget(time.GetUtcNow() - Overtime);
            try
            {
                await ReadAsync(stoppingToken);
                if (period % PeriodsUntilPurge is 0)
                {
                    await using var purge = database.CreateCommand(Purge);
                    await purge.ExecuteNonQueryAsync(stoppingToken);
                }
            }
            catch (NpgsqlException e)
            {
                Log.NotRead(logger, e);
            }
        }
    }

    private async Task<bool> IsThereAsync(TokenName name)
    {
        await using var select = database.CreateCommand(IsThere);
        select.Parameters.Add(new() { Value = name.Client });
        select.Parameters.Add(new() { Value = name.Id });
        return await select.ExecuteScalarAsync() is true;
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var read = new List<(TokenName Name, DateTimeOffset ExpireTime)>();
        await using (var select = database.CreateCommand(Select))
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                read.Add((new TokenName(reader.GetString(0), reader.GetString(1)), reader.GetFieldValue<DateTimeOffset>(2)));
            }
        }

        Learn(read);
    }

    private void Learn(IReadOnlyList<(TokenName Name, DateTimeOffset ExpireTime)> read)
    {
        foreach (var (name, expireTime) in read)
        {
            revoked.TryAdd(name, expireTime);
        }
    }

    // Refused as expired from here on.
    private void Forget(DateTimeOffset expired)
    {
        foreach (var (name, expireTime) in revoked)
        {
            if (expireTime < expired)
            {
                revoked.TryRemove(name, out _);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "revoked tokens are not read: the database does not answer")]
        public static partial void NotRead(ILogger logger, Exception exception);
    }

    // RFC 7519 section 4.1.7: a `jti` is unique within its issuer's; with the client nobody revokes a stranger's.
    private readonly record struct TokenName(string Client, string Id)
    {
        // A user's tokens end with their session.
        public static TokenName Of(AccessToken token) => new(token.Caller.Client.Value, token.Session?.Id.ToString() ?? token.Id);
    }
}
