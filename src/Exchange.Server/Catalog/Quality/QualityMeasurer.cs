using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Governance;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Catalog.Quality;

/// <summary>
/// Measures one partition of one resource: who changed its records and when, and how well they meet the rules. One short transaction holds the partition's row, so that
/// one node at a time measures it; what it finds replaces what stood there, so that nothing counts twice, whatever breaks off.
/// </summary>
internal sealed class QualityMeasurer(NpgsqlDataSource database, GovernanceStore store, TimeProvider time)
{
    /// <summary>What depends on time is measured again after this long though nothing changed.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromHours(24);

    // So many changes are read in one transaction.
    private const int MostChanges = 50_000;

    // A row that is there is not touched: the conflict alone would wait for whoever measures it.
    private const string Insert = """
        INSERT INTO quality.measurement (partition, resource, position, changed_position, rules, score_position)
        SELECT h.partition, $2, 0, 0, '', 0
        FROM log.log_partition AS h
        WHERE h.partition = $1 AND NOT EXISTS (SELECT FROM quality.measurement AS m WHERE m.partition = h.partition AND m.resource = $2)
        ON CONFLICT (partition, resource) DO NOTHING
        """;

    private const string Limit = """
        SELECT set_config('statement_timeout', '60s', true), set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)
        """;

    // By measurement_pkey.
    private const string Lock = """
        SELECT m.position, m.changed_position, m.rules, m.score_position, m.score_time
        FROM quality.measurement AS m
        WHERE m.partition = $1 AND m.resource = $2
        FOR UPDATE SKIP LOCKED
        """;

    private const string SelectHead = "SELECT head FROM log.log_partition WHERE partition = $1";

    private const string InsertChanges = """
        INSERT INTO quality.change (partition, resource, department, change_time)
        SELECT h.partition, $2, u.department, u.change_time
        FROM log.log_partition AS h CROSS JOIN unnest($3::text[], $4::timestamptz[]) AS u (department, change_time)
        WHERE h.partition = $1
        ON CONFLICT (partition, resource, department) DO UPDATE SET change_time = excluded.change_time
        """;

    private const string DeleteScores = "DELETE FROM quality.score WHERE partition = $1 AND resource = $2";

    private const string InsertScores = """
        INSERT INTO quality.score (partition, resource, field, rule, owner, checks, met)
        SELECT h.partition, $2, u.field, u.rule, u.owner, u.checks, u.met
        FROM log.log_partition AS h
        CROSS JOIN unnest($3::int[], $4::int[], $5::text[], $6::bigint[], $7::bigint[]) AS u (field, rule, owner, checks, met)
        WHERE h.partition = $1
        """;

    private const string Update = """
        UPDATE quality.measurement SET position = $3, changed_position = $4, rules = $5, score_position = $6, score_time = $7
        WHERE partition = $1 AND resource = $2
        """;

    /// <summary>Measures what is due of a published resource in one partition. False when another node is at it, or nothing is due.</summary>
    public async Task<bool> MeasureAsync(ResourceId id, int partition, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var insert = Command(Insert, connection, null, id, partition))
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        // What is counted, and where the partition stood then, come from one snapshot.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        try
        {
            await using (var limit = new NpgsqlCommand(Limit, connection, transaction))
            {
                await limit.ExecuteNonQueryAsync(cancellationToken);
            }

            var state = store.Current;
            if (!state.Resources.TryGetValue(id.Value, out var resource) || await LockAsync(connection, transaction, id, partition, cancellationToken) is not { } before)
            {
                return false;
            }

            var after = await ReadChangesAsync(connection, transaction, resource, partition, before, cancellationToken);
            var head = after.Head;
            var (now, rules) = (time.GetUtcNow(), QualityRules.Fingerprint(state, resource));
            if (after.Position == head && IsScoreDue(after, rules, HasTime(resource), now))
            {
                await ScoreAsync(connection, transaction, state, resource, partition, now, cancellationToken);
                after = after with { Rules = rules, ScorePosition = head, ScoreTime = now };
            }

            if (after with { Head = 0 } == before)
            {
                return false;
            }

            await using (var update = Command(Update, connection, transaction, id, partition))
            {
                update.Parameters.Add(SqlValue.Parameter(after.Position, NpgsqlDbType.Bigint));
                update.Parameters.Add(SqlValue.Parameter(after.ChangedPosition, NpgsqlDbType.Bigint));
                update.Parameters.Add(SqlValue.Parameter(after.Rules, NpgsqlDbType.Text));
                update.Parameters.Add(SqlValue.Parameter(after.ScorePosition, NpgsqlDbType.Bigint));
                update.Parameters.Add(SqlValue.Parameter(after.ScoreTime is { } scored ? SqlValue.ToSqlTimestamp(scored) : (long?)null, NpgsqlDbType.TimestampTz));
                await update.ExecuteNonQueryAsync(cancellationToken);
            }

            await transaction.CommitAsync(CancellationToken.None);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.SerializationFailure)
        {
            // Another node measured it between the snapshot and the lock.
            return false;
        }
    }

    /// <summary>True when scores of the whole partition are to be counted.</summary>
    public static bool IsScoreDue(Measurement measured, string rules, bool hasTime, DateTimeOffset now) =>
        measured.Rules != rules
        || (rules.Length > 0 && (measured.ChangedPosition > measured.ScorePosition || measured.ScoreTime is not { } last || (hasTime && now - last >= Again)));

    /// <summary>True when the scores of a resource change by the passing of time.</summary>
    public static bool HasTime(ResourceDefinition resource) => QualityRules.Of(resource).Any(rule => rule.Rule.DependsOnTime);

    private static async Task<Measurement?> LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, ResourceId id, int partition, CancellationToken cancellationToken)
    {
        await using var command = Command(Lock, connection, transaction, id, partition);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Measurement.Read(reader, 0) : null;
    }

    private static async Task<Measurement> ReadChangesAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ResourceDefinition resource, int partition, Measurement before, CancellationToken cancellationToken)
    {
        long head;
        await using (var select = new NpgsqlCommand(SelectHead, connection, transaction) { Parameters = { SqlValue.Parameter(partition, NpgsqlDbType.Integer) } })
        {
            head = (long)(await select.ExecuteScalarAsync(cancellationToken))!;
        }

        var to = Math.Min(head, before.Position + MostChanges);
        List<string> departments = [];
        List<long> times = [];
        var changed = before.ChangedPosition;
        if (to > before.Position)
        {
            await using var command = Changes(SubjectTable.Of(resource), partition, before.Position, to).ToCommand(connection, transaction);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                departments.Add(reader.GetString(0));
                changed = Math.Max(changed, reader.GetInt64(1));
                times.Add(SqlValue.ToSqlTimestamp(reader.GetFieldValue<DateTimeOffset>(2)));
            }
        }

        if (departments.Count > 0)
        {
            await using var insert = Command(InsertChanges, connection, transaction, resource.Id, partition);
            insert.Parameters.Add(SqlValue.Parameter(departments, NpgsqlDbType.Array | NpgsqlDbType.Text));
            insert.Parameters.Add(SqlValue.Parameter(times, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz));
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        return before with { Position = to, ChangedPosition = changed, Head = head };
    }

    // By event_pkey and the table's key. Times of a partition never go back, so the latest slice has the latest.
    private static SubjectSql Changes(SubjectTable table, int partition, long after, long to) => new SubjectSql().Append(
        $"""
        SELECT e.caller, max(e.position), max(e.recorded_at)
        FROM log.event AS e JOIN {SubjectTable.Schema}.{table.Name} AS s ON s.partition = e.partition AND s.record_id = e.stream_id
        WHERE e.partition = {partition}
            AND e.position > {SqlValue.Parameter(after, NpgsqlDbType.Bigint)} AND e.position <= {SqlValue.Parameter(to, NpgsqlDbType.Bigint)}
        GROUP BY e.caller
        """);

    private static async Task ScoreAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, GovernanceState state, ResourceDefinition resource, int partition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using (var delete = Command(DeleteScores, connection, transaction, resource.Id, partition))
        {
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }

        if (QualityRules.Of(resource).IsEmpty)
        {
            return;
        }

        var counts = await QualityCount.ReadAsync(connection, transaction, state, resource, partition, now, cancellationToken);
        await using var insert = Command(InsertScores, connection, transaction, resource.Id, partition);
        insert.Parameters.Add(SqlValue.Parameter<int[]>([.. counts.Select(count => count.Rule.Field.Number)], NpgsqlDbType.Array | NpgsqlDbType.Integer));
        insert.Parameters.Add(SqlValue.Parameter<int[]>([.. counts.Select(count => count.Rule.Index)], NpgsqlDbType.Array | NpgsqlDbType.Integer));
        insert.Parameters.Add(SqlValue.Parameter<string[]>([.. counts.Select(count => count.Owner)], NpgsqlDbType.Array | NpgsqlDbType.Text));
        insert.Parameters.Add(SqlValue.Parameter<long[]>([.. counts.Select(count => count.Checks)], NpgsqlDbType.Array | NpgsqlDbType.Bigint));
        insert.Parameters.Add(SqlValue.Parameter<long[]>([.. counts.Select(count => count.Met)], NpgsqlDbType.Array | NpgsqlDbType.Bigint));
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(string statement, NpgsqlConnection connection, NpgsqlTransaction? transaction, ResourceId id, int partition) => new(statement, connection, transaction)
    {
        Parameters = { SqlValue.Parameter(partition, NpgsqlDbType.Integer), SqlValue.Parameter(id.Value, NpgsqlDbType.Text) },
    };
}
