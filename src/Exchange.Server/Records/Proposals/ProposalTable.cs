using Exchange.Catalog;
using Exchange.Catalog.Records;
using Npgsql;

namespace Exchange.Server.Records.Proposals;

/// <summary>Reads the table of proposals.</summary>
internal sealed class ProposalTable(NpgsqlDataSource database)
{
    /// <summary>Columns in the order of <see cref="Read"/>, of a table named `p`.</summary>
    public const string Columns =
        "p.partition, p.record_id, p.version, p.position, p.resource, p.is_dispute, p.proposer, p.owner, p.owner_field, p.fields, p.state, p.create_time, p.due_time, p.decide_time, p.decided_version";

    private const string SelectOne = $"SELECT {Columns} FROM record.proposal AS p WHERE p.partition = $1 AND p.record_id = $2 AND p.version = $3";

    private const string SelectOwned = $"""
        SELECT {Columns} FROM record.proposal AS p
        WHERE p.owner = $1 AND ($2 = 0 OR p.state = $2) AND ($3 = '' OR p.resource = $3) AND p.due_time < $4 AND (p.due_time, p.record_id, p.version) > ($5, $6, $7)
        ORDER BY p.due_time, p.record_id, p.version
        LIMIT $8
        """;

    private const string SelectMade = $"""
        SELECT {Columns} FROM record.proposal AS p
        WHERE p.proposer = $1 AND ($2 = 0 OR p.state = $2) AND ($3 = '' OR p.resource = $3) AND p.due_time < $4 AND (p.due_time, p.record_id, p.version) > ($5, $6, $7)
        ORDER BY p.due_time, p.record_id, p.version
        LIMIT $8
        """;

    private const string SelectDue = $"""
        SELECT {Columns} FROM record.proposal AS p
        WHERE p.state = 1 AND p.due_time <= $1 AND p.resource = ANY($2)
        ORDER BY p.due_time, p.partition, p.record_id, p.version
        LIMIT $3
        """;

    /// <summary>One proposal; null when there is none.</summary>
    public async Task<ProposalRow?> FindAsync(int partition, ProposalName name, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectOne);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = name.Record.Record.Value });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = name.Version });
        return await ReadAllAsync(command, cancellationToken) is [var row] && row.Resource == name.Record.Resource.Value ? row : null;
    }

    /// <summary>Proposals of one department, those that lapse first before the others.</summary>
    public async Task<List<ProposalRow>> ListAsync(ProposalQuery query, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(query.Made ? SelectMade : SelectOwned);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.Department.Value });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)query.State });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.Resource });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = query.DueBefore?.UtcDateTime ?? DateTime.MaxValue.ToUniversalTime() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = query.After.Due.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = query.After.RecordId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = query.After.Version });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadAllAsync(command, cancellationToken);
    }

    /// <summary>Open ones of these resources whose time is over, the oldest first.</summary>
    public async Task<List<ProposalRow>> DueAsync(DateTimeOffset now, string[] resources, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectDue);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = resources });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadAllAsync(command, cancellationToken);
    }

    /// <summary>The row that the reader stands on.</summary>
    public static ProposalRow Read(NpgsqlDataReader reader) => new()
    {
        Partition = reader.GetInt32(0),
        RecordId = reader.GetGuid(1),
        Position = reader.GetInt64(3),
        Resource = reader.GetString(4),
        OwnerField = reader.GetInt32(8),
        CreateTime = reader.GetFieldValue<DateTimeOffset>(11),
        DecideTime = reader.IsDBNull(13) ? null : reader.GetFieldValue<DateTimeOffset>(13),
        DecidedVersion = reader.IsDBNull(14) ? null : reader.GetInt64(14),
        Proposal = new Proposal
        {
            Version = reader.GetInt64(2),
            IsDispute = reader.GetBoolean(5),
            Proposer = new DepartmentId(reader.GetString(6)),
            Owner = reader.GetString(7) is { Length: > 0 } owner ? new DepartmentId(owner) : null,
            Fields = ProposalRow.Read(reader.GetString(9)),
            State = (ProposalState)reader.GetInt16(10),
            DueTime = reader.GetFieldValue<DateTimeOffset>(12),
        },
    };

    private static async Task<List<ProposalRow>> ReadAllAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        List<ProposalRow> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }
}

/// <summary>Which proposals are listed.</summary>
/// <param name="Department">Whose.</param>
/// <param name="Made">True: those it made; false: those of fields that it owns.</param>
/// <param name="State">Of which state; unspecified for all.</param>
/// <param name="Resource">Of which resource; empty for all.</param>
/// <param name="DueBefore">Due before; null for all.</param>
/// <param name="After">The last of the page before.</param>
internal sealed record ProposalQuery(
    DepartmentId Department, bool Made, ProposalState State, string Resource, DateTimeOffset? DueBefore, (DateTimeOffset Due, Guid RecordId, long Version) After);
