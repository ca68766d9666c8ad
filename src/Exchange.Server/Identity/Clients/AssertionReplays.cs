using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>Lets each assertion be used once, on whichever node, also after a restart: their ids are kept in the database until they expire.</summary>
internal sealed partial class AssertionReplays(NpgsqlDataSource database, TimeProvider time, ILogger<AssertionReplays> logger) : BackgroundService
{
    private const string Use = """
        INSERT INTO identity.client_assertion (client, jti_hash, expire_time)
        VALUES ($1, $2, $3)
        ON CONFLICT (client, jti_hash) DO NOTHING
        """;

    private const string Purge = "DELETE FROM identity.client_assertion WHERE expire_time < $1";

    // A burst of sign-ins leaves the database's connections to everybody else.
    private const int MostAtOnce = 8;

    private static readonly TimeSpan PurgePeriod = TimeSpan.FromMinutes(1);

    // Another node's clock may be behind: there the assertion could still be used.
    private static readonly TimeSpan PurgeMargin = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim turns = new(MostAtOnce);

    /// <summary>True the first time. Throws <see cref="NpgsqlException"/> when the database cannot tell: then there is no token.</summary>
    public async Task<bool> TryUseAsync(ClientId client, string id, DateTimeOffset expireTime, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        try
        {
            await using var command = database.CreateCommand(Use);
            command.Parameters.Add(new() { Value = client.Value });
            command.Parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(id)) });
            command.Parameters.Add(new() { Value = expireTime });
            return await command.ExecuteNonQueryAsync(cancellationToken) is 1;
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>Deletes the ids of assertions that can be used on no node any more.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Purge);
        command.Parameters.Add(new() { Value = time.GetUtcNow() - PurgeMargin });
        await command.ExecuteNonQueryAsync(cancellationToken);
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
        using var period = new PeriodicTimer(PurgePeriod, time);
        while (await period.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PurgeAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                // The next minute tries again; until then more rows are kept than needed.
                Log.NotPurged(logger, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "expired assertion ids are not purged: the database does not answer")]
        public static partial void NotPurged(ILogger logger, Exception exception);
    }
}
