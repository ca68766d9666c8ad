using Exchange.EventStore;
using Npgsql;

namespace Exchange.Server.Access.Quotas;

/// <summary>Counts what is read by grants with a quota, over all nodes and restarts: before it is read, so that no more leaves than was counted.</summary>
internal sealed class GrantUses(NpgsqlDataSource database, PartitionMap partitions)
{
    // A node whose clock is behind counts into the period that another began.
    private const string Draw = """
        INSERT INTO access.grant_use AS u (partition, grant_name, bound, period_start, used) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (partition, grant_name, bound) DO UPDATE SET
            used = CASE WHEN u.period_start >= excluded.period_start THEN u.used ELSE 0 END + excluded.used,
            period_start = greatest(u.period_start, excluded.period_start)
        WHERE CASE WHEN u.period_start >= excluded.period_start THEN u.used ELSE 0 END + excluded.used <= $6
        RETURNING used
        """;

    /// <summary>Takes all of it or nothing: the first draw for which too little is left, null when all were taken. Beside each draw what is left then.</summary>
    /// <param name="draws">At least one.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<(GrantDraw? Refused, IReadOnlyList<long> Left)> TakeAsync(IReadOnlyList<GrantDraw> draws, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var left = new List<long>();

        // In one order, or two reads could wait for each other.
        foreach (var draw in draws.OrderBy(draw => draw.Grant.Name, StringComparer.Ordinal).ThenBy(draw => draw.Bound))
        {
            if (draw.Count > draw.Most || await TakeAsync(connection, draw, cancellationToken) is not { } used)
            {
                return (draw, []);
            }

            left.Add(draw.Most - used);
        }

        await transaction.CommitAsync(cancellationToken);
        return (null, left);
    }

    private async Task<long?> TakeAsync(NpgsqlConnection connection, GrantDraw draw, CancellationToken cancellationToken)
    {
        var name = draw.Grant.Name;
        await using var command = new NpgsqlCommand(Draw, connection);
        command.Parameters.Add(new() { Value = partitions.ForKey(name, "grant_use") });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = draw.Bound is QuotaBound.Records ? "records" : "calls" });
        command.Parameters.Add(new() { Value = draw.PeriodStart });
        command.Parameters.Add(new() { Value = draw.Count });
        command.Parameters.Add(new() { Value = draw.Most });
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
