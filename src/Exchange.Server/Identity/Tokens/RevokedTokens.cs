using System.Collections.Concurrent;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>
/// Access tokens that were revoked before their time (RFC 7009), until they expire. They are kept in the database; each node reads every second what others
/// revoked. While the database does not answer nothing is read or written anyway.
/// </summary>
internal sealed partial class RevokedTokens(NpgsqlDataSource database, TimeProvider time, ILogger<RevokedTokens> logger) : BackgroundService
{
    private const string Insert = """
        INSERT INTO identity.revoked_token (client, jti, revoke_time, expire_time)
        VALUES ($1, $2, now(), $3)
        ON CONFLICT (client, jti) DO NOTHING
        """;

    private const string Select = "SELECT client, jti, revoke_time, expire_time FROM identity.revoked_token WHERE revoke_time >= $1";
    private const string Purge = "DELETE FROM identity.revoked_token WHERE expire_time < $1";
    private const int PeriodsUntilPurge = 60;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // A commit may come to light so much later than the time in its row.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<TokenName, DateTimeOffset> revoked = new();
    private readonly ConcurrentDictionary<TokenName, (CancellationTokenSource Source, DateTimeOffset ExpireTime)> watched = new();
    private DateTimeOffset newest = DateTimeOffset.UnixEpoch + Overlap;

    /// <summary>True once this node knows that the token was revoked: at once on the node that did it, within seconds on the others.</summary>
    public bool Contains(AccessToken token) => revoked.ContainsKey(TokenName.Of(token));

    /// <summary>Ends when this node learns that the token was revoked. One for all streams of the token.</summary>
    public CancellationToken WhenRevoked(AccessToken token)
    {
        // Never disposed: a stream may still hold the token when it is forgotten.
        var watch = watched.GetOrAdd(TokenName.Of(token), static (_, token) => (new CancellationTokenSource(), token.ExpireTime), token);
        if (Contains(token))
        {
            watch.Source.Cancel();
        }

        return watch.Source.Token;
    }

    /// <summary>Revokes a token for good. Throws <see cref="NpgsqlException"/> when the database does not take it: then it is not revoked.</summary>
    public async Task AddAsync(AccessToken token, CancellationToken cancellationToken)
    {
        var name = TokenName.Of(token);
        await using var command = database.CreateCommand(Insert);
        command.Parameters.Add(new() { Value = name.Client });
        command.Parameters.Add(new() { Value = name.Id });
        command.Parameters.Add(new() { Value = token.ExpireTime });
        await command.ExecuteNonQueryAsync(cancellationToken);
        Learn(name, token.ExpireTime);
    }

    /// <summary>Reads all of them before the node serves.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        for (var period = 1; await timer.WaitForNextTickAsync(stoppingToken); period++)
        {
            try
            {
                await ReadAsync(stoppingToken);
                if (period % PeriodsUntilPurge is 0)
                {
                    await PurgeAsync(stoppingToken);
                }
            }
            catch (NpgsqlException e)
            {
                Log.NotRead(logger, e);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new() { Value = newest - Overlap });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Learn(new TokenName(reader.GetString(0), reader.GetString(1)), reader.GetFieldValue<DateTimeOffset>(3));
            var revokeTime = reader.GetFieldValue<DateTimeOffset>(2);
            newest = revokeTime > newest ? revokeTime : newest;
        }
    }

    // One that is forgotten has been refused as expired since before: a clock's skew goes by first.
    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var expired = time.GetUtcNow() - Overlap;
        await using var command = database.CreateCommand(Purge);
        command.Parameters.Add(new() { Value = expired });
        await command.ExecuteNonQueryAsync(cancellationToken);
        foreach (var (name, expireTime) in revoked)
        {
            if (expireTime < expired)
            {
                revoked.TryRemove(name, out _);
            }
        }

        foreach (var (name, watch) in watched)
        {
            if (watch.ExpireTime < expired)
            {
                watched.TryRemove(name, out _);
            }
        }
    }

    private void Learn(TokenName name, DateTimeOffset expireTime)
    {
        if (revoked.TryAdd(name, expireTime) && watched.TryGetValue(name, out var watch))
        {
            watch.Source.Cancel();
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
        public static TokenName Of(AccessToken token) => new(token.Caller.Client.Value, token.Id);
    }
}
