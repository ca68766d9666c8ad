using Exchange.EventStore.Reading;
using Npgsql;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>
/// Keeps a projection and its checkpoint in two transactions: the control of the projection tests. Broken off between them, it applies events
/// twice or never.
/// </summary>
public sealed class TwoStepRunner(TestStore store, EventLog log, SumProjection projection, bool isCheckpointFirst)
{
    private const int MaxEvents = 20;
    private const string SelectCheckpoint = "SELECT position FROM careless_checkpoint WHERE partition = $1";
    private const string UpdateCheckpoint = "UPDATE careless_checkpoint SET position = $2 WHERE partition = $1";

    // The name by which tests find, and cut, the connections of projections.
    private readonly NpgsqlConnectionStringBuilder settings = new(store.ConnectionString) { ApplicationName = "exchange", Pooling = false };

    public async Task CreateAsync()
    {
        await store.ExecuteAsync("CREATE TABLE careless_checkpoint (partition int PRIMARY KEY, position bigint NOT NULL); INSERT INTO careless_checkpoint SELECT partition, 0 FROM log.log_partition");
        await using var connection = await store.Database.OpenConnectionAsync();
        await projection.CreateAsync(connection, 1, CancellationToken.None);
        await projection.ServeAsync(connection, 1, CancellationToken.None);
    }

    /// <summary>Runs until it is told to stop and has read everything.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(CancellationToken.None);
                while (true)
                {
                    var isLast = stopping.IsCancellationRequested;
                    var hasApplied = false;
                    foreach (var partition in projection.Partitions)
                    {
                        hasApplied |= await ApplyAsync(connection, partition);
                    }

                    if (isLast && !hasApplied)
                    {
                        return;
                    }
                }
            }
            catch (NpgsqlException)
            {
                // Cut: begins anew from its checkpoint.
            }
        }
    }

    private async Task<bool> ApplyAsync(NpgsqlConnection connection, int partition)
    {
        await using var read = new NpgsqlCommand(SelectCheckpoint, connection) { Parameters = { new() { Value = partition } } };
        var after = (long)(await read.ExecuteScalarAsync())!;
        var events = await log.Reader.ReadPartitionAsync(partition, after, MaxEvents, CancellationToken.None);
        if (events.Count is 0)
        {
            return false;
        }

        var slice = new PartitionSlice(partition, after, events[^1].Position, events);
        if (isCheckpointFirst)
        {
            await MoveAsync(connection, slice);
            await projection.ApplyAsync(connection, 1, slice, CancellationToken.None);
        }
        else
        {
            await projection.ApplyAsync(connection, 1, slice, CancellationToken.None);
            await MoveAsync(connection, slice);
        }

        return true;
    }

    private static async Task MoveAsync(NpgsqlConnection connection, PartitionSlice slice)
    {
        await using var command = new NpgsqlCommand(UpdateCheckpoint, connection) { Parameters = { new() { Value = slice.Partition }, new() { Value = slice.Through } } };
        await command.ExecuteNonQueryAsync();
    }
}
