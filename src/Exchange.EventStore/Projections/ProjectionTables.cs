using Exchange.EventStore.Committing;
using Exchange.EventStore.Reading;
using Npgsql;

namespace Exchange.EventStore.Projections;

/// <summary>The rows of `log.projection` and `log.projection_checkpoint` of one projection. All methods run in the connection's transaction.</summary>
internal sealed class ProjectionTables(string name)
{
    private const string InsertProjection = "INSERT INTO log.projection (name, active_build, next_build) VALUES ($1, 1, NULL) ON CONFLICT (name) DO NOTHING";
    private const string Select = "SELECT active_build, next_build FROM log.projection WHERE name = $1";
    private const string LockShared = "SELECT active_build, next_build FROM log.projection WHERE name = $1 FOR SHARE";
    private const string LockAlone = "SELECT active_build, next_build FROM log.projection WHERE name = $1 FOR UPDATE";
    private const string UpdateProjection = "UPDATE log.projection SET active_build = $2, next_build = $3 WHERE name = $1";

    private const string SetAsynchronousCommit = "SET LOCAL synchronous_commit = off";

    private const string InsertCheckpoints = """
        INSERT INTO log.projection_checkpoint (partition, projection, build, position)
        SELECT h.partition, $2, $3, 0 FROM log.log_partition AS h WHERE h.partition = ANY ($1)
        """;

    private const string LockCheckpoints = """
        SELECT partition, position FROM log.projection_checkpoint
        WHERE partition = ANY ($1) AND projection = $2 AND build = $3 AND stop_reason IS NULL
        ORDER BY partition
        FOR UPDATE
        """;

    private const string UpdateCheckpoints = """
        UPDATE log.projection_checkpoint AS c SET position = u.position
        FROM unnest($1::int[], $4::bigint[]) AS u (partition, position)
        WHERE c.partition = u.partition AND c.projection = $2 AND c.build = $3
        """;

    private const string StopCheckpoint = """
        UPDATE log.projection_checkpoint SET stop_position = $4, stop_reason = $5
        WHERE partition = $1 AND projection = $2 AND build = $3 AND position = $4 - 1
        """;

    private const string ResumeCheckpoints = """
        UPDATE log.projection_checkpoint SET stop_position = NULL, stop_reason = NULL WHERE partition = ANY ($1) AND projection = $2 AND stop_reason IS NOT NULL
        """;

    private const string DeleteCheckpoints = "DELETE FROM log.projection_checkpoint WHERE partition = ANY ($1) AND projection = $2 AND build = $3";

    private const string SelectProgress = """
        SELECT c.build, c.partition, c.position, h.head, c.stop_position, c.stop_reason
        FROM log.projection_checkpoint AS c JOIN log.log_partition AS h ON h.partition = c.partition
        WHERE c.partition = ANY ($1) AND c.projection = $2
        ORDER BY c.build, c.partition
        """;

    /// <summary>True when this call made the projection's row.</summary>
    public async Task<bool> InsertAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ExecuteAsync(connection, InsertProjection, cancellationToken, Parameter.Of(name)) is 1;

    public Task<(
        int Active, int? Next)> ReadBuildsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadBuildsAsync(connection, Select, cancellationToken);

    /// <summary>Keeps the builds as they are until the transaction ends.</summary>
    public Task<(
        int Active, int? Next)> LockSharedAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadBuildsAsync(connection, LockShared, cancellationToken);

    /// <summary>Waits until nobody holds them, and keeps all others out until the transaction ends.</summary>
    public Task<(
        int Active, int? Next)> LockAloneAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadBuildsAsync(connection, LockAlone, cancellationToken);

    private async Task<(int Active, int? Next)> ReadBuildsAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { Parameter.Of(name) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetInt32(1))
            : throw new InvalidOperationException($"there is no projection `{name}`");
    }

    public Task SetBuildsAsync(NpgsqlConnection connection, int active, int? next, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            UpdateProjection,
            cancellationToken,
            Parameter.Of(name),
            Parameter.Of(active),
            new NpgsqlParameter { Value = (object?)next ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });

    public Task InsertCheckpointsAsync(NpgsqlConnection connection, IReadOnlyList<int> partitions, int build, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, InsertCheckpoints, cancellationToken, Parameter.Of(partitions.ToArray()), Parameter.Of(name), Parameter.Of(build));

    /// <summary>
    /// Lets the transaction's commit not wait for the disk, for a build that nobody reads yet: what a crash takes of it, it takes with its checkpoint.
    /// The commit that makes the build the active one waits, and with it for all before it.
    /// </summary>
    public static Task DeferDurabilityAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, SetAsynchronousCommit, cancellationToken);

    /// <summary>Positions of a build in those of the partitions where it did not stop.</summary>
    public async Task<List<(int Partition, long Position)>> LockCheckpointsAsync(
        NpgsqlConnection connection, IReadOnlyList<int> partitions, int build, CancellationToken cancellationToken)
    {
        var positions = new List<(int Partition, long Position)>();
        await using var command = new NpgsqlCommand(LockCheckpoints, connection)
        {
            Parameters = { Parameter.Of(partitions.ToArray()), Parameter.Of(name), Parameter.Of(build) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            positions.Add((reader.GetInt32(0), reader.GetInt64(1)));
        }

        return positions;
    }

    public Task MoveAsync(NpgsqlConnection connection, int build, IReadOnlyList<PartitionSlice> slices, CancellationToken cancellationToken) => ExecuteAsync(
        connection,
        UpdateCheckpoints,
        cancellationToken,
        Parameter.Of(slices.Select(slice => slice.Partition).ToArray()),
        Parameter.Of(name),
        Parameter.Of(build),
        Parameter.Of(slices.Select(slice => slice.Through).ToArray()));

    public Task StopAsync(NpgsqlConnection connection, int partition, int build, long position, string reason, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            StopCheckpoint,
            cancellationToken,
            Parameter.Of(partition),
            Parameter.Of(name),
            Parameter.Of(build),
            Parameter.Of(position),
            Parameter.Of(reason));

    public Task ResumeAsync(NpgsqlConnection connection, IReadOnlyList<int> partitions, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, ResumeCheckpoints, cancellationToken, Parameter.Of(partitions.ToArray()), Parameter.Of(name));

    public Task DeleteCheckpointsAsync(NpgsqlConnection connection, IReadOnlyList<int> partitions, int build, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, DeleteCheckpoints, cancellationToken, Parameter.Of(partitions.ToArray()), Parameter.Of(name), Parameter.Of(build));

    public async Task<List<ProjectionProgress>> ReadProgressAsync(
        NpgsqlConnection connection, IReadOnlyList<int> partitions, CancellationToken cancellationToken)
    {
        var progress = new List<ProjectionProgress>();
        await using var command = new NpgsqlCommand(SelectProgress, connection) { Parameters = { Parameter.Of(partitions.ToArray()), Parameter.Of(name) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            progress.Add(new ProjectionProgress(
                reader.GetInt32(0),
                reader.GetInt32(1),
                reader.GetInt64(2),
                reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetInt64(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return progress;
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string statement, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
