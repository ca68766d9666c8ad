using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.Server.Governance;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Catalog.Quality;

/// <summary>
/// Measures in rounds what is due. Every node looks; after each measure it rests twenty times as long as that took, so that measuring never takes more than a small share of
/// the database's time.
/// </summary>
internal sealed partial class QualityRunner(NpgsqlDataSource database, EventLog log, GovernanceStore store, QualityMeasurer measurer, TimeProvider time, ILogger<QualityRunner> logger)
    : BackgroundService
{
    private const int Rest = 20;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromHours(1);

    private const string Select = """
        SELECT resource, position, changed_position, rules, score_position, score_time
        FROM quality.measurement
        WHERE partition = $1
        """;

    // What each partition was when nothing was due in it.
    private readonly Dictionary<int, (long Head, long Governance, DateTimeOffset At)> idle = [];
    private readonly FilledTables filled = new(database);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunRoundAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                Log.BrokenOff(logger, e);
            }
        }
    }

    private async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var (state, now) = (store.Current, time.GetUtcNow());
        var heads = await log.Reader.ReadHeadsAsync([.. log.Partitions.Records], cancellationToken);
        var due = heads.Where(head => !IsIdle(head.Key, head.Value, state.Position, now)).ToList();
        if (due is [])
        {
            return;
        }

        var resources = await filled.FindAsync([.. state.Resources.Values.Where(resource => resource.Description.IsMounted)], cancellationToken);
        await RestAsync(began, cancellationToken);
        foreach (var (partition, head) in due)
        {
            var known = await ReadAsync(partition, cancellationToken);
            var isIdle = true;
            foreach (var resource in resources)
            {
                if (known.TryGetValue(resource.Id.Value, out var measured)
                    && measured.Position >= head && !QualityMeasurer.IsScoreDue(measured, QualityRules.Fingerprint(state, resource), QualityMeasurer.HasTime(resource), now))
                {
                    continue;
                }

                isIdle = false;
                await MeasureAsync(resource.Id, partition, cancellationToken);
            }

            if (isIdle)
            {
                idle[partition] = (head, state.Position, now);
            }
        }
    }

    private bool IsIdle(int partition, long head, long governance, DateTimeOffset now) =>
        idle.TryGetValue(partition, out var last) && last.Head == head && last.Governance == governance && now - last.At < LongestIdle;

    private async Task MeasureAsync(ResourceId resource, int partition, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            await measurer.MeasureAsync(resource, partition, cancellationToken);
        }
        catch (PostgresException e)
        {
            // Such as one that takes too long: the others get their turn.
            Log.NotMeasured(logger, resource.Value, partition, e.SqlState, e);
        }

        await RestAsync(began, cancellationToken);
    }

    private Task RestAsync(long began, CancellationToken cancellationToken) => Task.Delay(Rest * time.GetElapsedTime(began), time, cancellationToken);

    private async Task<Dictionary<string, Measurement>> ReadAsync(int partition, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(SqlValue.Parameter(partition, NpgsqlDbType.Integer));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<string, Measurement> known = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetString(0), Measurement.Read(reader, 1));
        }

        return known;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "a round of measuring quality was broken off; the next one goes on")]
        public static partial void BrokenOff(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "the quality of {Resource} in partition {Partition} is not measured: {SqlState}")]
        public static partial void NotMeasured(ILogger logger, string resource, int partition, string sqlState, Exception exception);
    }
}
