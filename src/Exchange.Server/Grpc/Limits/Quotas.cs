using Npgsql;

namespace Exchange.Server.Grpc.Limits;

/// <summary>
/// Keeps the quotas in the database, for all nodes together: each stores every second what it has admitted and reads what the others have, once before it
/// serves. A client or department may thus exceed a quota by what the nodes admit within a second, or while the database does not answer. When the answer
/// to a commit is lost, a second's calls may be counted twice.
/// </summary>
internal sealed partial class Quotas(CallLimits limits, NpgsqlDataSource database, TimeProvider time, ILogger<Quotas> logger) : BackgroundService
{
    private const string Add = """
        INSERT INTO identity.quota_use (scope_key, period_start, used)
        SELECT scope_key, period_start, used FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) AS pending (scope_key, period_start, used)
        ORDER BY scope_key, period_start
        ON CONFLICT (scope_key, period_start) DO UPDATE SET used = quota_use.used + excluded.used
        RETURNING scope_key, period_start, used
        """;

    private const string Select = "SELECT scope_key, period_start, used FROM identity.quota_use WHERE period_start >= $1";
    private const string Purge = "DELETE FROM identity.quota_use WHERE period_start < now() - interval '2 days'";
    private const int PeriodsUntilPurge = 3600;
    private const int MostAtOnce = 1000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Reads what was used before the node serves.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (limits.Quotas.Count > 0)
        {
            await StoreAsync(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    /// <summary>Stores what this node has admitted and reads what all have.</summary>
    internal async Task StoreAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var batch in limits.Quotas.SelectMany(quota => quota.Pending()).Chunk(MostAtOnce))
            {
                await AddAsync(batch, cancellationToken);
            }

            await using var select = database.CreateCommand(Select);
            select.Parameters.Add(new() { Value = limits.Quotas.Min(quota => quota.Start) });
            foreach (var stored in await ReadAsync(select, cancellationToken))
            {
                Of(stored.ScopeKey)?.Store(stored, 0);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (limits.Quotas.Count is 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        try
        {
            for (var period = 1; await timer.WaitForNextTickAsync(stoppingToken); period++)
            {
                await TryStoreAsync();
                if (period % PeriodsUntilPurge is 0)
                {
                    await TryPurgeAsync();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The listener is closed by now: what was admitted last.
            await TryStoreAsync();
        }
    }

    private async Task AddAsync(IReadOnlyList<QuotaUse> uses, CancellationToken cancellationToken)
    {
        await using var add = database.CreateCommand(Add);
        add.Parameters.Add(new() { Value = uses.Select(use => use.ScopeKey).ToArray() });
        add.Parameters.Add(new() { Value = uses.Select(use => use.PeriodStart).ToArray() });
        add.Parameters.Add(new() { Value = uses.Select(use => use.Used).ToArray() });
        var own = uses.ToDictionary(use => (use.ScopeKey, use.PeriodStart), use => use.Used);
        foreach (var stored in await ReadAsync(add, cancellationToken))
        {
            Of(stored.ScopeKey)?.Store(stored, own[(stored.ScopeKey, stored.PeriodStart)]);
        }
    }

    private Quota? Of(string scopeKey) => limits.Quotas.FirstOrDefault(quota => quota.Owns(scopeKey));

    private static async Task<List<QuotaUse>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        List<QuotaUse> uses = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            uses.Add(new QuotaUse(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2)));
        }

        return uses;
    }

    private async Task TryStoreAsync()
    {
        try
        {
            await StoreAsync(CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            Log.NotStored(logger, e);
        }
    }

    private async Task TryPurgeAsync()
    {
        try
        {
            await using var purge = database.CreateCommand(Purge);
            await purge.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            Log.NotStored(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "the use of quotas is not stored: the database does not answer; each node goes on with what it knows")]
        public static partial void NotStored(ILogger logger, Exception exception);
    }
}
