using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.EventStore;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Npgsql;

namespace Exchange.Server.Records.Proposals;

/// <summary>
/// Tells departments of proposals, many in one governance event for each of them, resource and state. Rows are claimed for a batch in one transaction; the batch's id is
/// the key of the governance command, so it is told once whichever node ends what another began; then the rows are marked as told.
/// </summary>
internal sealed class ProposalNotices(EventLog log, NpgsqlDataSource database, GovernanceCommands commands, HubOptions options)
{
    private const string SelectPending = "SELECT DISTINCT partition FROM record.proposal WHERE told <> state OR telling IS NOT NULL";

    private const string Claim = """
        UPDATE record.proposal AS p SET telling = $1, telling_state = p.state, telling_owner = p.owner
        WHERE p.partition = $2 AND (p.record_id, p.version) IN (
            SELECT record_id, version FROM record.proposal
            WHERE partition = $2 AND told <> state AND telling IS NULL
            ORDER BY record_id, version
            LIMIT 1000
            FOR UPDATE SKIP LOCKED)
        """;

    private const string SelectBatches = "SELECT DISTINCT telling FROM record.proposal WHERE told <> state OR telling IS NOT NULL";

    private const string SelectBatch = """
        SELECT telling_state, resource, proposer, telling_owner, count(*), min(due_time)
        FROM record.proposal
        WHERE telling = $1 AND (told <> state OR telling IS NOT NULL)
        GROUP BY telling_state, resource, proposer, telling_owner
        ORDER BY telling_state, resource, proposer, telling_owner
        """;

    // Who became the owner meanwhile is still to be told.
    private const string Finish = """
        UPDATE record.proposal SET told = CASE WHEN owner = telling_owner THEN telling_state ELSE 0 END, telling = NULL, telling_state = NULL, telling_owner = NULL
        WHERE telling = $1 AND (told <> state OR telling IS NOT NULL)
        """;

    /// <summary>Tells what is to be told now; a refusal when the log did not take it.</summary>
    public async Task<Refusal?> TellAsync(CancellationToken cancellationToken)
    {
        var pending = await ReadAsync(SelectPending, reader => reader.GetInt32(0), cancellationToken);
        if (pending.Count > 0)
        {
            await ClaimAsync(pending, cancellationToken);
        }

        foreach (var batch in await ReadAsync(SelectBatches, reader => reader.IsDBNull(0) ? Guid.Empty : reader.GetGuid(0), cancellationToken))
        {
            if (batch != Guid.Empty && await TellAsync(batch, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task ClaimAsync(List<int> partitions, CancellationToken cancellationToken)
    {
        var batch = Guid.NewGuid();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var partition in partitions.Intersect(log.Partitions.Records).Order())
        {
            await using var command = new NpgsqlCommand(Claim, connection, transaction);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = batch });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<Refusal?> TellAsync(Guid batch, CancellationToken cancellationToken)
    {
        var told = new SortedDictionary<(ProposalState State, string Department, string Resource), (int Count, DateTimeOffset Due)>();
        foreach (var row in await ReadAsync(SelectBatch, Row, cancellationToken, batch))
        {
            foreach (var department in Told(row))
            {
                var key = (row.State, department, row.Resource);
                told[key] = told.TryGetValue(key, out var before) ? (before.Count + row.Count, before.Due < row.Due ? before.Due : row.Due) : (row.Count, row.Due);
            }
        }

        ImmutableArray<GovernanceEvent> events =
        [
            .. told.Select(one => new GovernanceEvent.ProposalsTold(
                one.Key.State, new DepartmentId(one.Key.Department), new ResourceId(one.Key.Resource), one.Value.Count, one.Value.Due)),
        ];
        if (events.Length > 0
            && await commands.ExecuteOnceAsync(HubActor.Of(options), GovernanceStreams.Proposals, $"proposals/{batch}", (_, _) => new GovernanceDecision<string>("told", events), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var command = database.CreateCommand(Finish);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = batch });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return null;
    }

    private static IEnumerable<string> Told(Pending row) =>
        (row.State switch
        {
            ProposalState.Open or ProposalState.Withdrawn => new[] { row.Owner },
            ProposalState.Lapsed => [row.Owner, row.Proposer],
            _ => [row.Proposer],
        }).Where(department => department.Length > 0).Distinct();

    private static Pending Row(NpgsqlDataReader reader) =>
        new((ProposalState)reader.GetInt16(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), (int)reader.GetInt64(4), reader.GetFieldValue<DateTimeOffset>(5));

    private async Task<List<T>> ReadAsync<T>(string query, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, Guid? batch = null)
    {
        List<T> rows = [];
        await using var command = database.CreateCommand(query);
        if (batch is { } id)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private readonly record struct Pending(ProposalState State, string Resource, string Proposer, string Owner, int Count, DateTimeOffset Due);
}
