using Exchange.EventStore.Projections;
using Exchange.EventStore.Reading;
using Npgsql;

namespace Exchange.EventStore.Tests.Projections;

/// <summary>Counts events and sums their payload's lengths by stream. Additive on purpose: an event applied twice, or not at all, shows.</summary>
public sealed class SumProjection(string name, IReadOnlyList<int> partitions) : IAsyncProjection
{
    public string Name => name;

    public IReadOnlyList<int> Partitions => partitions;

    /// <summary>Runs before each slice is applied; throws for a poison event.</summary>
    public Action<int, StoredEvent> OnEvent { get; set; } = (_, _) => { };

    /// <summary>Runs in the transaction that serves a build, after its view was made.</summary>
    public Func<int, Task> OnServe { get; set; } = _ => Task.CompletedTask;

    public Task CreateAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) =>
        RunAsync(connection, $"CREATE TABLE {name}_{build} (stream_id uuid PRIMARY KEY, events bigint NOT NULL, bytes bigint NOT NULL)", cancellationToken);

    public async Task ApplyAsync(NpgsqlConnection connection, int build, PartitionSlice slice, CancellationToken cancellationToken)
    {
        foreach (var e in slice.Events)
        {
            OnEvent(build, e);
        }

        await using var command = new NpgsqlCommand(
            $"""
            INSERT INTO {name}_{build} (stream_id, events, bytes)
            SELECT stream_id, count(*), sum(bytes) FROM unnest($1::uuid[], $2::bigint[]) AS u (stream_id, bytes) GROUP BY stream_id
            ON CONFLICT (stream_id) DO UPDATE SET events = {name}_{build}.events + excluded.events, bytes = {name}_{build}.bytes + excluded.bytes
            """,
            connection);
        command.Parameters.Add(new() { Value = slice.Events.Select(e => e.StreamId).ToArray() });
        command.Parameters.Add(new() { Value = slice.Events.Select(e => (long)e.Payload.Length).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task ServeAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken)
    {
        await RunAsync(connection, $"CREATE OR REPLACE VIEW {name} AS SELECT stream_id, events, bytes FROM {name}_{build}", cancellationToken);
        await OnServe(build);
    }

    public Task DropAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken) => RunAsync(connection, $"DROP TABLE {name}_{build}", cancellationToken);

    private static async Task RunAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
