using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.EventStore.Appending;
using Exchange.Server.Records.Deciding;
using NpgsqlTypes;
using Npgsql;

namespace Exchange.Server.Records.Proposals;

/// <summary>The proposals in one append transaction: those that are to be decided read once, changes written once.</summary>
internal sealed class ProposalChanges
{
    // OFFSET 0 as in AppendSql: by the whole key, under whatever plan.
    private const string Select = $"""
        SELECT {ProposalTable.Columns}
        FROM unnest($1, $2, $3) AS u(partition, record_id, version)
        CROSS JOIN LATERAL (SELECT * FROM record.proposal AS p WHERE p.partition = u.partition AND p.record_id = u.record_id AND p.version = u.version OFFSET 0) AS p
        """;

    private const string Insert = """
        INSERT INTO record.proposal
            (partition, record_id, version, position, resource, is_dispute, proposer, owner, owner_field, fields, state, create_time, due_time, told)
        SELECT partition, record_id, version, position, resource, is_dispute, proposer, owner, owner_field, fields, 1, create_time, due_time, 0
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            AS u(partition, record_id, version, position, resource, is_dispute, proposer, owner, owner_field, fields, create_time, due_time)
        """;

    private const string End = """
        UPDATE record.proposal AS p SET state = u.state, owner = u.owner, decide_time = u.decide_time, decided_version = u.decided_version
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS u(partition, record_id, version, state, owner, decide_time, decided_version)
        WHERE p.partition = u.partition AND p.record_id = u.record_id AND p.version = u.version
        """;

    // Who becomes the owner is told of what is open as of something new.
    private const string HandOver = """
        UPDATE record.proposal AS p SET owner = u.owner, told = 0
        FROM unnest($1, $2, $3, $4) AS u(partition, record_id, owner_field, owner)
        WHERE p.partition = u.partition AND p.record_id = u.record_id AND p.owner_field = u.owner_field AND p.state = 1
        """;

    private readonly HashSet<(int Partition, Guid RecordId, long Version)> wanted = [];
    private readonly Dictionary<(Guid RecordId, long Version), ProposalRow> known = [];
    private readonly List<ProposalRow> made = [];
    private readonly Dictionary<(Guid RecordId, long Version), ProposalRow> ended = [];
    private readonly Dictionary<(int Partition, Guid RecordId, int OwnerField), string> owners = [];

    /// <summary>Takes in a unit.</summary>
    public void Join(RecordUnit unit)
    {
        if (unit.Steps is not { } steps)
        {
            return;
        }

        foreach (var index in unit.Records)
        {
            if (steps[index] is ProposalStep.Decision decision)
            {
                wanted.Add((unit.Partition, unit.Batch.IdOf(index), decision.Version));
            }
        }
    }

    /// <summary>Reads the proposals to be decided.</summary>
    public void AddReads(ReadBatch batch)
    {
        if (wanted.Count is 0)
        {
            return;
        }

        var command = batch.Add(Select, async (reader, cancellationToken) =>
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = ProposalTable.Read(reader);
                known[(row.RecordId, row.Proposal.Version)] = row;
            }
        });
        Add(command, [.. wanted.Select(key => key.Partition)], NpgsqlDbType.Integer);
        Add(command, [.. wanted.Select(key => key.RecordId)], NpgsqlDbType.Uuid);
        Add(command, [.. wanted.Select(key => key.Version)], NpgsqlDbType.Bigint);
    }

    /// <summary>The proposal as it stands in this transaction; null when there is none.</summary>
    public ProposalRow? Find(Guid recordId, long version) => ended.GetValueOrDefault((recordId, version)) ?? known.GetValueOrDefault((recordId, version));

    /// <summary>Takes in a new one.</summary>
    public void Make(ProposalRow row) => made.Add(row);

    /// <summary>Takes in that one is over.</summary>
    public void Finish(ProposalRow row, ProposalState state, DateTimeOffset time, long decidedVersion) =>
        ended[(row.RecordId, row.Proposal.Version)] = row with { Proposal = row.Proposal with { State = state }, DecideTime = time, DecidedVersion = decidedVersion };

    /// <summary>Takes in that the fields of a record whose owner that field names have another owner, or none.</summary>
    public void Give(int partition, Guid recordId, int ownerField, string owner)
    {
        owners[(partition, recordId, ownerField)] = owner;
        for (var index = 0; index < made.Count; index++)
        {
            if (made[index] is var row && row.RecordId == recordId && row.OwnerField == ownerField)
            {
                made[index] = row with { Proposal = row.Proposal with { Owner = owner.Length is 0 ? null : new DepartmentId(owner) } };
            }
        }

        foreach (var (key, row) in known.ToList())
        {
            if (row.RecordId == recordId && row.OwnerField == ownerField && row.Proposal.State is ProposalState.Open)
            {
                known[key] = row with { Proposal = row.Proposal with { Owner = owner.Length is 0 ? null : new DepartmentId(owner) } };
            }
        }
    }

    /// <summary>Writes what changed.</summary>
    public void AddWrites(WriteBatch batch)
    {
        if (made.Count > 0)
        {
            var command = batch.Add(Insert);
            Add(command, [.. made.Select(row => row.Partition)], NpgsqlDbType.Integer);
            Add(command, [.. made.Select(row => row.RecordId)], NpgsqlDbType.Uuid);
            Add(command, [.. made.Select(row => row.Proposal.Version)], NpgsqlDbType.Bigint);
            Add(command, [.. made.Select(row => row.Position)], NpgsqlDbType.Bigint);
            Add(command, [.. made.Select(row => row.Resource)], NpgsqlDbType.Text);
            Add(command, [.. made.Select(row => row.Proposal.IsDispute)], NpgsqlDbType.Boolean);
            Add(command, [.. made.Select(row => row.Proposal.Proposer.Value)], NpgsqlDbType.Text);
            Add(command, [.. made.Select(row => row.Proposal.Owner?.Value ?? "")], NpgsqlDbType.Text);
            Add(command, [.. made.Select(row => row.OwnerField)], NpgsqlDbType.Integer);
            Add(command, [.. made.Select(row => ProposalRow.Write(row.Proposal.Fields))], NpgsqlDbType.Text);
            Add(command, [.. made.Select(row => row.CreateTime)], NpgsqlDbType.TimestampTz);
            Add(command, [.. made.Select(row => row.Proposal.DueTime)], NpgsqlDbType.TimestampTz);
        }

        // Before the ends, which write the owner that decided.
        if (owners.Count > 0)
        {
            var command = batch.Add(HandOver);
            Add(command, [.. owners.Keys.Select(key => key.Partition)], NpgsqlDbType.Integer);
            Add(command, [.. owners.Keys.Select(key => key.RecordId)], NpgsqlDbType.Uuid);
            Add(command, [.. owners.Keys.Select(key => key.OwnerField)], NpgsqlDbType.Integer);
            Add(command, [.. owners.Values], NpgsqlDbType.Text);
        }

        if (ended.Count > 0)
        {
            var command = batch.Add(End);
            Add(command, [.. ended.Values.Select(row => row.Partition)], NpgsqlDbType.Integer);
            Add(command, [.. ended.Values.Select(row => row.RecordId)], NpgsqlDbType.Uuid);
            Add(command, [.. ended.Values.Select(row => row.Proposal.Version)], NpgsqlDbType.Bigint);
            Add(command, [.. ended.Values.Select(row => (short)row.Proposal.State)], NpgsqlDbType.Smallint);
            Add(command, [.. ended.Values.Select(row => row.Proposal.Owner?.Value ?? "")], NpgsqlDbType.Text);
            Add(command, [.. ended.Values.Select(row => row.DecideTime!.Value)], NpgsqlDbType.TimestampTz);
            Add(command, [.. ended.Values.Select(row => row.DecidedVersion!.Value)], NpgsqlDbType.Bigint);
        }
    }

    private static void Add<T>(NpgsqlBatchCommand command, T[] values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
}
