using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>
/// The ranges of table `log.idempotency`, 100 days each, counted from 1970: three are kept ahead, and one is dropped when its youngest row is
/// 400 days old. Each is made and dropped in a transaction of its own.
/// </summary>
internal sealed partial class IdempotencyRanges(NpgsqlDataSource source, ILogger logger)
{
    private const int RangeDays = 100;
    private const int RangesAhead = 3;
    private const int KeptDays = 400;
    private const int MostAttempts = 5;

    private const string SelectRanges = """
        SELECT c.relname, i.inhdetachpending
        FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'log.idempotency'::regclass
        """;

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Makes the ranges from a time to three ranges later. True when one was missing.</summary>
    public async Task<bool> EnsureAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var there = (await ReadAsync(connection, cancellationToken)).Select(range => range.Name).ToHashSet();
        var hasMade = false;
        var first = Number(now);
        for (var number = first; number <= first + RangesAhead; number++)
        {
            if (!there.Contains(Name(number)))
            {
                await MakeAsync(connection, number, cancellationToken);
                hasMade = true;
            }
        }

        return hasMade;
    }

    /// <summary>Drops what is older than promised, and finishes drops that were broken off. Returns how many.</summary>
    public async Task<int> DropExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var dropped = 0;
        foreach (var (name, isDetaching) in await ReadAsync(connection, cancellationToken))
        {
            if (Day(Number(name) + 1) > now.AddDays(-KeptDays) && !isDetaching)
            {
                continue;
            }

            // Concurrently: writers are not stopped by it. What was broken off in the middle is finished with FINALIZE.
            var how = isDetaching ? "FINALIZE" : "CONCURRENTLY";
            await ExecuteAsync(connection, $"ALTER TABLE log.idempotency DETACH PARTITION log.{name} {how}", cancellationToken);
            await ExecuteAsync(connection, $"DROP TABLE log.{name}", cancellationToken);
            Log.Dropped(logger, name);
            dropped++;
        }

        return dropped;
    }

    // Attached rather than created as a partition: that would stop all readers and writers of the table. Names and bounds are made of numbers only.
    private async Task MakeAsync(NpgsqlConnection connection, long number, CancellationToken cancellationToken)
    {
        var (name, from, to) = (Name(number), Text(Day(number)), Text(Day(number + 1)));
        for (var attempt = 1; ; attempt++)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                await ExecuteAsync(connection, $"SET LOCAL lock_timeout = {LockTimeout.TotalMilliseconds}", cancellationToken);
                await ExecuteAsync(connection, $"CREATE TABLE log.{name} (LIKE log.idempotency INCLUDING ALL)", cancellationToken);
                await ExecuteAsync(
                    connection, $"ALTER TABLE log.idempotency ATTACH PARTITION log.{name} FOR VALUES FROM ('{from}') TO ('{to}')", cancellationToken);
                await transaction.CommitAsync(CancellationToken.None);
                Log.Made(logger, name);
                return;
            }
            catch (PostgresException e) when (IsMadeElsewhere(e.SqlState))
            {
                return;
            }
            catch (PostgresException e) when (attempt < MostAttempts && e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                // Another node makes or drops a range just now.
                Log.MakesAgain(logger, name, e.SqlState);
            }
        }
    }

    // By another node at the same moment.
    private static bool IsMadeElsewhere(string sqlState) =>
        sqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation;

    private static async Task<List<(string Name, bool IsDetaching)>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var ranges = new List<(string Name, bool IsDetaching)>();
        await using var select = new NpgsqlCommand(SelectRanges, connection);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ranges.Add((reader.GetString(0), reader.GetBoolean(1)));
        }

        return ranges;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static long Number(DateTimeOffset time) => (long)Math.Floor((time - DateTimeOffset.UnixEpoch).TotalDays / RangeDays);

    private static long Number(string name) => long.Parse(name.AsSpan("idempotency_".Length), CultureInfo.InvariantCulture);

    private static string Name(long number) => string.Create(CultureInfo.InvariantCulture, $"idempotency_{number}");

    private static DateTimeOffset Day(long number) => DateTimeOffset.UnixEpoch.AddDays(number * RangeDays);

    private static string Text(DateTimeOffset day) => day.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Debug, "making range {Name} did not go through ({SqlState}); tries again")]
        public static partial void MakesAgain(ILogger logger, string name, string sqlState);

        [LoggerMessage(1, LogLevel.Information, "made range {Name}")]
        public static partial void Made(ILogger logger, string name);

        [LoggerMessage(2, LogLevel.Information, "dropped range {Name}: its answers are older than promised")]
        public static partial void Dropped(ILogger logger, string name);
    }
}
